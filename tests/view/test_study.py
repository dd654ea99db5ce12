"""What a reader of a study asks of the page: in a real browser, from a file and from a server."""

import pytest

from gaseol.traces.view import write_view

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(study, tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("study-file") / "view.html"
    write_view(study, out)
    return out.as_uri()


@pytest.fixture
def page(watch, written):
    watched = watch()
    watched.open(written)
    return watched.page


@pytest.fixture(params=["served", "file"])
def either(request, watch, study, written, serve):
    watched = watch()
    watched.open(serve(study).address if request.param == "served" else written)
    return watched.page


def go(page, fragment):
    page.evaluate("where => { location.hash = where; }", fragment)


def until(page, condition):
    page.evaluate(
        f"async () => {{ const end = Date.now() + 10000; while (!({condition})) {{"
        " if (Date.now() > end) throw new Error('it never came true');"
        " await new Promise(requestAnimationFrame); } }"
    )


def rows(page):
    page.wait_for_selector(".draws tbody tr")
    return page.locator(".draws tbody tr")


def find(page, words):
    page.fill("#search", words)
    page.keyboard.press("Enter")
    until(page, "/^[^%]*(found$|found ·)/.test("
                "document.getElementById('search-status').textContent)")  # fmt: skip
    return page.inner_text("#search-status")


def test_an_undecided_claim_and_its_hypothesis_say_why_draws_stopped(page):
    for fragment in ("#claim=c2", "#hypothesis=tall"):
        go(page, fragment)
        said = page.wait_for_selector(".stopped").inner_text()
        assert "left could no longer decide it" in said
        assert "of 40" in said
        assert "stop sooner when those left can no longer decide" in page.inner_text(".refute")
    go(page, "#claim=c1")
    page.wait_for_selector(".answers")
    assert not page.locator(".stopped").count()


def test_a_comparison_says_by_which_tools_and_shows_the_cases_that_lie_farthest(page):
    go(page, "#claim=c3")
    page.wait_for_selector(".check circle.point")
    said = page.inner_text(".check")
    assert "Compute the temperature with a model of the kettle" in said
    assert "Look the temperature up in a handbook of experiments" in said
    assert page.locator(".check circle.point").count() == 4
    assert page.locator(".check tbody tr").first.inner_text().startswith("kettle wide 3 a")
    page.locator(".check a", has_text="Measurements").click()
    page.wait_for_selector(".tool-line")
    assert "a model of the kettle" in page.inner_text(".tool-line")
    assert page.get_by_role("button", name="against the check").get_attribute("aria-pressed")


def test_every_pair_shows_what_was_tested_and_what_was_matched(page):
    go(page, "#claim=c1")
    fourth = rows(page).nth(3)
    tested = fourth.locator(".cells.tested").all_inner_texts()
    assert tested == ["width of the base 3.5 cm", "width of the base 3 cm"]
    assert fourth.locator(".cells.dim").all_inner_texts() == ["lids 0", "lids 0"]
    assert "matched in: lids (number of lids)" in page.inner_text("main")


def test_draws_after_the_decision_are_numbered_and_say_why_they_do_not_count(page):
    go(page, "#claim=c1")
    late = rows(page).locator("td:first-child").all_inner_texts()
    assert late == [str(n) for n in range(1, 13)]
    said = page.locator("tr.o-not_counted").all_inner_texts()
    assert len(said) == 3
    assert all("measured in one batch with draw 9, which decided" in text for text in said)
    assert page.locator("tr.crossed td").first.inner_text() == "9"


def test_the_crossing_is_marked_on_the_curve_and_the_axis_reaches_the_last_draw(page):
    go(page, "#claim=c1")
    chart = page.wait_for_selector(".chart:has(circle.crossing)")
    labels = [t.text_content() for t in chart.query_selector_all("text")]
    assert "decided at draw 9" in labels
    assert "9" in labels
    assert "↑ ln E" in labels


def test_search_finds_cases_by_name_the_pages_own_minus_and_events_by_number(either):
    page = either
    assert find(page, "kettle wide 2 a") == "2 events found"
    assert page.locator(".row-event mark").first.inner_text() == "kettle wide 2 a"
    find(page, "−0.69")
    # until the events are there, a row shows what the server found, in the record's own spelling
    until(page, "document.querySelector('.row-event').innerText.includes('against')")
    until(page, "!document.querySelector('.row-event').innerText.includes('log_e_against')")
    assert page.locator(".row-event mark").first.inner_text() == "−0.69"
    find(page, "#9")
    page.wait_for_selector("#panel h2:has-text('event 9')")
    # what was found before does not stand under new words
    page.fill("#search", "kettle tall 3 b")
    until(page, "document.getElementById('search-status').textContent === '1 event found'")


def test_search_says_what_to_do_before_it_searches(page):
    page.fill("#search", "kettle")
    assert page.inner_text("#search-status") == "Enter searches"


def test_a_payload_opens_at_what_was_found(watch, sealed, tmp_path):
    write_view(sealed, tmp_path / "view.html")
    watched = watch()
    page = watched.open((tmp_path / "view.html").as_uri())
    find(page, "case 399")
    page.locator(".row-event").first.click()
    mark = page.wait_for_selector("#panel .payload mark")
    assert mark.inner_text() == "case 399"
    assert mark.is_visible()
    assert page.locator("#panel .payload .j-row").count() < 8
    assert "1 of 400" in page.inner_text("#panel .payload")


def test_the_headings_tell_a_claim_from_its_hypothesis(page):
    for claim, heading, tone in (
        ("c1", "called supported", "for"),
        ("c2", "is undecided", "muted"),
    ):
        go(page, f"#claim={claim}")
        page.wait_for_selector(f".answer h2:has-text('{heading}')")
        colour = page.evaluate(
            "name => [getComputedStyle(document.querySelector('.answer')).borderLeftColor,"
            " (() => { const p = document.createElement('p'); p.style.color = `var(${name})`;"
            " document.body.append(p); const c = getComputedStyle(p).color; p.remove(); return c;"
            " })()]", f"--{tone}")  # fmt: skip
        assert colour[0] == colour[1]


def test_integrity_and_the_missing_signature_are_said_first(page):
    page.wait_for_selector(".standing.good")
    assert page.locator("#states .standing").all_inner_texts() == ["✓ intact", "○ seal unsigned"]
    go(page, "#view=review")
    titles = page.locator("main h2").all_inner_texts()
    assert titles[0] == "Is the record intact?"
    assert titles[1].startswith("Signatures of reviewers")
    assert "signed by no key" in page.inner_text("main")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("evidence", ["measurements", "Registration"]),
        ("verdict", ["crossing", "last evidence that counts", "Registration"]),
        ("crossing", ["evidence, draw 9"]),
        ("audit", ["claim"]),
    ],
)
def test_what_an_event_rests_on_is_linked(page, kind, words):
    seq = page.evaluate("kind => gaseolRun.kind.indexOf(gaseolRun.kinds.indexOf(kind))", kind)
    go(page, f"#event={seq}")
    said = page.wait_for_selector("#panel .facts").inner_text()
    assert "No cause is recorded" not in said
    line = page.locator("#panel .facts dt", has_text="rests on").locator("xpath=following::dd[1]")
    for word in words:
        assert word.lower() in line.inner_text().lower()
    target = line.locator("a.ev").first.inner_text()
    page.keyboard.press("c")
    page.wait_for_selector(f"#panel h2:has-text('event {target.removeprefix('#')}')")


def test_what_is_clicked_does_not_move_when_the_event_opens(page):
    go(page, "#claim=c1")
    link = rows(page).nth(6).locator("a.ev").first
    link.scroll_into_view_if_needed()
    before = link.bounding_box()["y"]
    link.click()
    page.wait_for_selector("#panel .story-line")
    assert abs(link.bounding_box()["y"] - before) < 3


def test_the_story_is_walked_by_the_arrow_keys_at_once(page):
    page.keyboard.press("2")
    page.wait_for_selector(".row-event")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#panel .story-line")
    assert "event=" in page.url
    seq = int(page.inner_text("#panel h2").split()[-1])
    page.keyboard.press("n")
    page.wait_for_selector(f"#panel h2:has-text('event {seq + 1}')")


def test_a_number_of_a_register_is_not_shown_as_a_name(page):
    go(page, "#claim=c1")
    assert rows(page).first.locator(".case").first.inner_text() == "CAS 5796-89-4 wide0a"
    rows(page).nth(1).locator("a.ev").first.click()
    name = page.wait_for_selector("#panel [data-case] .case").inner_text()
    assert name == "kettle wide 1 a wide1a"


def test_paper_shows_every_column_and_nothing_folded_or_dead(page):
    go(page, "#claim=c1")
    rows(page)
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between its margins
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].map(s => s.scrollWidth - s.clientWidth)"
    )
    assert max(wide) <= 1
    assert page.locator(".draws thead th").last.is_visible()
    assert page.locator(".answer details p").first.is_visible()
    assert not page.locator(".jump").first.is_visible()
    assert not page.locator(".remarks").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not page.locator(".answer details p").first.is_visible()


def test_on_a_phone_the_head_is_small_and_the_view_that_is_open_in_sight(watch, written):
    watched = watch(viewport={"width": 390, "height": 844})
    page = watched.open(written)
    assert page.locator("header.top").bounding_box()["height"] < 90
    assert page.locator(".brand").bounding_box()["height"] < 40
    go(page, "#view=review")
    page.wait_for_selector('main[data-view="review"]')
    box = page.locator("nav.views a.on").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    go(page, "#claim=c1")
    rows(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_views_with_nothing_in_them_are_not_offered(page):
    links = page.locator("nav.views a").all()
    offered = [link.inner_text() for link in links if link.is_visible()]
    assert "Models" not in offered
    assert "Compare" not in offered
    assert "Structures" in offered
    go(page, "#view=structures")
    page.wait_for_selector('main[data-view="drawings"]')


def test_korean_tells_what_gaseol_wrote_and_takes_the_right_particles(page):
    page.click("#language")
    claim = page.locator(".claim-text").first.inner_text()
    assert "무작위 9쌍 가운데 9쌍이 예측대로 되었습니다" in claim
    go(page, "#claim=c2")
    page.wait_for_selector(".stopped")
    said = page.inner_text("main")
    assert "더 이상 결정할 수 없었습니다" in said
    assert "인용한 문헌이 없음" in said
    for both in ("이(가)", "은(는)", "을(를)", "과(와)"):
        assert both not in said
    seq = page.evaluate("gaseolRun.kind.indexOf(gaseolRun.kinds.indexOf('hypothesis.proposed'))")
    go(page, f"#event={seq}")
    assert "이론가가 wide 제안" in page.wait_for_selector("#panel .story-line").inner_text()


def test_help_explains_the_words(page):
    page.keyboard.press("?")
    said = page.wait_for_selector("dialog[open] .glossary").inner_text()
    for word in ("ln E", "design-based", "the asker", "wave, pool, batch", "hidden answer"):
        assert word in said
