"""The viewer in a real browser: served and from a file, calm records and hostile ones."""

import shutil
from pathlib import Path

import orjson
import pytest

from gaseol.traces.view import write_view

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def other(sealed, ledger, tmp_path_factory) -> Path:
    """The sealed run again, but one thermometer read another value."""
    folder = Path(shutil.copytree(sealed, tmp_path_factory.mktemp("other") / "other"))

    def change(events):
        answer = next(e for e in events if e["kind"] == "effect.completed" and e["seq"] > 40)
        answer["data"]["value"]["t"]["mean"] += 1.0

    ledger.rewrite(folder, change)
    return folder


@pytest.fixture(scope="session")
def file(sealed, other, tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("file") / "view.html"
    write_view(sealed, out, beside=other)
    return out.as_uri()


@pytest.fixture(params=["served", "file"])
def opened(request, watch, run, other, file, serve):
    """The same run, from a server and from a file."""
    watched = watch()
    address = serve(run, beside=other).address if request.param == "served" else file
    watched.open(address)
    return watched


def wait(page, selector, **options):
    return page.wait_for_selector(selector, timeout=10_000, **options)


def until(page, condition):
    """Wait for a condition in the page, whose policy forbids to evaluate text there."""
    page.evaluate(
        f"async () => {{ const end = Date.now() + 10000; while (!({condition})) {{"
        " if (Date.now() > end) throw new Error('it never came true');"
        " await new Promise(requestAnimationFrame); } }"
    )


def go(page, fragment):
    page.evaluate("where => { location.hash = where; }", fragment)


def test_which_measurements_support_claim_2_and_what_would_have_refuted_it(opened):
    page = opened.page
    clicks = 0
    page.locator("a.claim-row").nth(1).click()
    clicks += 1
    supports = page.locator(".answer:not(.refute)").first
    refutes = page.locator(".answer.refute").first
    assert "measurements" in supports.inner_text()
    assert "refuted" in refutes.inner_text()
    assert "to 1" in refutes.inner_text()
    wait(page, ".draws tbody tr")
    links = page.locator(".draws tbody tr").first.locator("a.ev").all_inner_texts()
    assert any("K" in text for text in links)  # a measured value with its unit, in sight
    page.locator(".draws tbody tr").first.locator("a.ev").first.click()
    clicks += 1
    assert "measurement" in wait(page, "#panel .panel-head").inner_text()
    assert clicks <= 3
    assert "claim=c1" in page.url


@pytest.mark.parametrize(
    "view",
    ["findings", "story", "timeline", "graph", "evidence", "measurements", "drawings", "models",
     "compare", "review"],
)  # fmt: skip
def test_every_view_opens_in_both_languages_light_and_dark(opened, view):
    page = opened.page
    go(page, f"#view={view}")
    wait(page, f'main[data-view="{view}"] > :not(.quietly)')
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("t")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    page.click("#language")
    assert page.evaluate("document.documentElement.lang") == "ko"
    text = page.inner_text("nav.views")
    assert "과정" in text
    assert "Story" not in text
    assert page.inner_text("main")


def test_stepping_through_events_by_keyboard(opened):
    page = opened.page
    go(page, "#view=story")
    wait(page, ".row-step")
    page.keyboard.press("n")
    assert "event 0" in wait(page, "#panel h2").inner_text()
    page.keyboard.press("n")
    page.keyboard.press("n")
    page.keyboard.press("p")
    assert "event=1" in page.url
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel", state="hidden")
    answer = page.evaluate(
        "gaseolRun.kinds.indexOf('effect.completed') >= 0"
        " && [...gaseolRun.kind].lastIndexOf(gaseolRun.kinds.indexOf('effect.completed'))"
    )
    go(page, f"#event={answer}&view=story")
    wait(page, ".row-event.chosen")
    cause = page.evaluate(f"gaseolRun.cause[{answer}]")
    page.keyboard.press("c")
    wait(page, f"#panel h2:has-text('event {cause}')")


def test_from_a_claim_to_its_evidence_by_keyboard(opened):
    page = opened.page
    go(page, "#claim=c0")
    wait(page, ".claim-page")
    page.keyboard.press("e")
    wait(page, ".card.big")
    assert "hypothesis=up" in page.url
    figure = page.locator(".card.big figure").first
    figure.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "draw 2" in figure.inner_text()
    page.keyboard.press("Enter")
    assert "evidence" in wait(page, "#panel .panel-head").inner_text()
    page.keyboard.press("?")
    assert wait(page, "dialog[open]")
    page.keyboard.press("Escape")


def test_everything_can_be_reached_with_the_tab_key(opened):
    page = opened.page
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(
            "document.activeElement.className + ' ' + (document.activeElement.dataset.view ?? '')"
            " + ' ' + document.activeElement.id"))  # fmt: skip
    text = " | ".join(reached)
    for what in ("skip", "search", "language", "review", "claim-row"):
        assert what in text, what


def test_links_work_both_ways(opened):
    page = opened.page
    for fragment, selector in (
        ("#event=12", "#panel:not([hidden]) h2"),
        ("#claim=c1", ".claim-page"),
        ("#hypothesis=down", ".answers"),
        ("#range=12-20", ".row-event.in-range"),
        ("#view=timeline&event=12", "canvas.time"),
        ("#claim=none", ".lost"),
        ("#event=99999", "#panel .lost"),
    ):
        go(page, fragment)
        wait(page, selector)
    go(page, "#%E0%A4%A&view=<script>&event=-1&claim=")
    wait(page, "ol.claims")
    page.go_back()
    wait(page, "#panel .lost")


def test_search_finds_what_is_folded_away_and_payloads(opened):
    page = opened.page
    page.fill("#search", "case 399")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('search-status').textContent.includes('payloads')")
    wait(page, ".row-event")
    assert page.locator(".row-event").count() == 1
    assert "in a payload" in page.inner_text(".row-event")
    page.fill("#search", "THE POWER WENT")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('search-status').textContent === '1 event found'")
    page.wait_for_selector(".row-event mark")
    page.fill("#search", "")
    wait(page, ".row-step")


def test_a_range_is_chosen_by_keyboard_and_written_of(opened):
    page = opened.page
    go(page, "#event=12")
    wait(page, "#panel .story-line")
    page.keyboard.press("r")
    page.keyboard.press("n")
    page.keyboard.press("n")
    last = page.evaluate("Number(new URLSearchParams(location.hash.slice(1)).get('event'))")
    page.keyboard.press("r")
    assert f"12–{last}" in wait(page, ".range-note").inner_text()
    page.get_by_role("button", name="+ note").click()
    if page.locator("form input[name=by]").count():
        page.fill("form input[name=by]", "Ada")
    page.fill("form textarea", "these belong together")
    page.click("form button[type=submit]")
    assert "these belong together" in wait(page, ".range-note .entry").inner_text()
    go(page, "#view=review")
    assert f"12–{last}" in page.inner_text("main")


def test_filters_by_kind_role_tool_and_hypothesis(opened):
    page = opened.page
    go(page, "#view=story")
    wait(page, ".row-step")

    def rows():
        return int(page.inner_text(".story-view .bar [role=status]").split(" ")[0])

    page.select_option('[data-filter="kind"]', "measurement")
    measured = rows()
    assert measured == page.evaluate(
        "[...gaseolRun.kind].filter(k => gaseolRun.kinds[k] === 'measurement').length")  # fmt: skip
    page.select_option('[data-filter="hypothesis"]', "down")
    assert 0 < rows() < measured
    page.select_option('[data-filter="kind"]', "")
    page.select_option('[data-filter="hypothesis"]', "")
    page.select_option('[data-filter="name"]', "list_cases")
    assert rows() == 2
    page.select_option('[data-filter="name"]', "")
    page.select_option('[data-filter="role"]', "theorist")
    # a row's words are filled in when they are there
    page.locator(".row-event", has_text="proposes").first.wait_for()


def test_the_table_of_measurements_is_sorted_and_filtered(opened):
    page = opened.page
    go(page, "#view=measurements")
    wait(page, "[data-i]")
    page.click(".sort.m-value")
    page.click(".sort.m-value")
    first = page.inner_text("[data-i='0'] .m-value")
    most = page.evaluate("gaseolRun.sheetRows.value.reduce((a, b) => Math.max(a, b ?? a), -1e9)")
    assert first.replace("\u202f", "").startswith(f"{most:.6g}".rstrip("0").rstrip("."))
    page.fill(".measure-view input[type=search]", "evaporates")
    until(page, "document.querySelectorAll('.row-m[data-i]').length === 1")
    page.click("[data-i='0']")
    assert "measurement" in wait(page, "#panel .panel-head").inner_text()


def test_two_runs_side_by_side_where_they_part(opened):
    page = opened.page
    go(page, "#view=compare")
    wait(page, ".pair .row-event.chosen")
    assert "They first part here" in page.inner_text(".notice")
    until(
        page,
        "[...document.querySelectorAll('.pair .chosen .what')].every(w => w.textContent !== '…')",
    )
    left, right = (page.locator(f".pair section >> nth={i}") for i in (0, 1))
    assert left.locator(".chosen .seq").inner_text() == right.locator(".chosen .seq").inner_text()
    assert left.locator(".chosen").inner_text() != right.locator(".chosen").inner_text()
    assert page.locator("details.differences").count() == 9


def test_payloads_come_when_they_are_asked_for(opened):
    page = opened.page
    seq = page.evaluate("gaseolRun.kinds.indexOf('effect.completed')"
                        " && [...gaseolRun.kind].indexOf(gaseolRun.kinds.indexOf('effect.completed'))")  # fmt: skip
    go(page, f"#event={seq}")
    wait(page, "#panel .payload button")
    assert not page.locator("#panel .payload .j").count()
    page.click("#panel .payload button")
    assert "[ 400 ]" in wait(page, "#panel .payload .j summary").inner_text()


def test_the_standing_and_the_labels_are_always_in_sight(opened):
    page = opened.page
    for view in ("findings", "story", "timeline", "review"):
        go(page, f"#view={view}&event=5")
        wait(page, f'main[data-view="{view}"]')
        assert "intact" in wait(page, ".standing.good").inner_text()
        assert "recorded" in page.inner_text("#states .label-badge")
        assert "recorded" in wait(page, "#panel .label-badge").inner_text()
    assert "What a chain alone cannot show" in page.inner_text("main")


def test_the_four_checks_stand_beside_each_claim(opened):
    page = opened.page
    said = wait(page, ".claim-row .checks").inner_text()
    assert "checks hold" in said  # in words: a phone and paper show no tooltip
    assert "apply" in said
    go(page, "#claim=c0")
    wait(page, ".claim-page")
    assert "holds" in page.inner_text(".claim-page")


def test_notes_judgements_and_signatures_are_kept(watch, run, serve):
    before = (run / "events.jsonl").read_bytes()
    watched = watch()
    page = watched.open(serve(run).address)
    go(page, "#event=12")
    page.get_by_role("button", name="+ question").click()
    page.fill("#panel input[name=by]", "Ada Reviewer")
    page.fill("#panel textarea", "Why <b>this</b> one?")
    page.select_option("#panel select", "blocking")
    page.click("#panel form button[type=submit]")
    assert "Why <b>this</b> one?" in wait(page, "#panel .entry").inner_text()
    go(page, "#claim=c1")
    page.get_by_role("button", name="+ judgement").click()
    page.select_option("form.remark-form select", "disagree")
    page.fill("form.remark-form textarea", "too few draws")
    page.click("form.remark-form button[type=submit]")
    wait(page, ".entry.e-judgement")
    go(page, "#view=review")
    assert "Why <b>this</b> one?" in page.inner_text("main")
    page.click("#sign")
    page.select_option("form.remark-form select", "approved")
    page.click("form.remark-form button[type=submit]")
    wait(page, ".entry.e-signoff")
    page.reload()
    wait(page, "html[data-ready]", state="attached")
    text = page.inner_text("main")
    assert "Ada Reviewer" in text
    assert "approved" in text
    page.get_by_role("button", name="Resolve").first.click()
    page.fill("form.remark-form textarea", "answered")
    page.click("form.remark-form button[type=submit]")
    until(page, "document.querySelector('main').innerText.includes('resolved')")
    assert (run / "events.jsonl").read_bytes() == before
    kinds = [orjson.loads(line)["kind"] for path in sorted((run / "reviews").iterdir())
             for line in path.read_bytes().splitlines()]  # fmt: skip
    assert kinds == ["question", "judgement", "signoff", "resolve"]
    from gaseol.traces.review.book import check

    assert not check(run)


def test_what_cannot_be_written_is_said(watch, run, serve):
    watched = watch()
    page = watched.open(serve(run).address)
    (run / "events.jsonl").write_bytes((run / "events.jsonl").read_bytes() + b"{}\n")
    go(page, "#view=review")
    page.click("#sign")
    page.fill("form.remark-form input[name=by]", "Ada")
    page.click("form.remark-form button[type=submit]")
    assert wait(page, "form.remark-form .lost:not([hidden])").inner_text()
    watched.trouble = [t for t in watched.trouble if "400" not in t]


def test_drafts_of_a_file_are_imported(watch, file, run):
    watched = watch(accept_downloads=True)
    page = watched.open(file)
    go(page, "#event=12")
    page.get_by_role("button", name="+ note").click()
    page.fill("#panel input[name=by]", "Ada Reviewer")
    page.fill("#panel textarea", "drafted in a file")
    page.select_option("#panel select", "minor")
    page.click("#panel form button[type=submit]")
    wait(page, "#panel .entry")
    assert "stays in this browser" in page.inner_text("#panel .draft-note")
    go(page, "#claim=c1")
    page.get_by_role("button", name="+ judgement").click()
    page.select_option("form.remark-form select", "agree")
    page.click("form.remark-form button[type=submit]")
    wait(page, ".entry.e-judgement")
    go(page, "#view=review")
    page.click("#sign")
    page.select_option("form.remark-form select", "reviewed")
    page.click("form.remark-form button[type=submit]")
    page.reload()  # drafts stay
    wait(page, "html[data-ready]", state="attached")
    with page.expect_download() as waiting:
        page.click("#save-drafts")
    assert waiting.value.suggested_filename == "drafts.json"
    content = Path(waiting.value.path()).read_bytes()
    said = orjson.loads(content)
    head = orjson.loads((run / "seal.json").read_bytes())["head"]
    assert said["format"] == "gaseol.drafts/1"
    assert (said["run"], said["head"], said["by"]) == ("made", head, "Ada Reviewer")
    assert said["saved"].endswith("Z")
    drafts = said["drafts"]
    assert [d["kind"] for d in drafts] == ["note", "judgement", "signoff"]
    keys = {"kind", "target", "severity", "text", "about", "judgement", "meaning"}
    assert all(d.keys() == keys for d in drafts)
    from gaseol.traces.review.book import drafts_in, reviews, take_in

    taken = drafts_in(content)
    take_in(run, taken, by=taken.by)
    assert [e.kind for e in reviews(run)] == ["note", "judgement", "signoff"]


def test_a_served_run_is_exported_and_opens_from_disk(watch, run, serve, tmp_path):
    watched = watch(accept_downloads=True)
    page = watched.open(serve(run).address)
    with page.expect_download() as waiting:
        page.click("#export")
    out = tmp_path / "exported.html"
    waiting.value.save_as(out)
    alone = watch(offline=True)
    page = alone.open(out.as_uri())
    assert page.locator("a.claim-row").count() > 3
    assert all(a.startswith(("file://", "data:", "blob:")) for a in alone.asked)


def test_the_list_of_runs_leads_to_a_run(watch, run, serve, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(run, home / "runs" / "a run <b>")
    monkeypatch.setenv("GASEOL_HOME", str(home))
    watched = watch()
    watched.page.goto(serve(language="ko").address)
    wait(watched.page, ".run-card a")
    assert "실행 목록" in watched.page.inner_text("h1")
    watched.page.click(".run-card a")
    wait(watched.page, "html[data-ready]", state="attached")
    assert watched.page.locator("a.claim-row").count() > 3


@pytest.mark.parametrize("way", ["served", "file"])
def test_nothing_of_a_hostile_record_runs(watch, hostile, serve, tmp_path, way):
    watched = watch()
    if way == "served":
        address = serve(hostile).address
    else:
        write_view(hostile, tmp_path / "hostile.html")
        address = (tmp_path / "hostile.html").as_uri()
    page = watched.open(address)
    count = page.evaluate("gaseolRun.events")
    claim, hypothesis = page.evaluate(
        "[encodeURIComponent(gaseolRun.board.claims[0].id),"
        " encodeURIComponent(gaseolRun.board.hypotheses[0].id)]"
    )
    places = [f"#view={v}" for v in ("story", "timeline", "graph", "evidence", "measurements",
                                     "drawings", "models", "compare", "review")]  # fmt: skip
    places += [f"#claim={claim}", f"#hypothesis={hypothesis}"]
    for place in places:
        go(page, place)
        wait(page, "main > :not(.quietly)")
        page.evaluate("for (const d of document.querySelectorAll('main details')) d.open = true")
    for seq in range(count):
        go(page, f"#event={seq}&view=story")
        wait(page, f"#panel h2:has-text('event {seq}')")
        wait(page, "#panel .story-line")
        for button in page.locator("#panel .payload button, #panel .conversation > button").all():
            button.click()
        page.locator("#panel .raw > summary").click()
    go(page, "#view=drawings")
    page.wait_for_selector(".drawing-card img, .drawing-card .lost")
    page.fill("#search", "</script><script>")
    page.keyboard.press("Enter")
    until(page, "/found/.test(document.getElementById('search-status').textContent)")
    assert page.evaluate("window.taken") is None
    assert (
        page.evaluate("document.querySelectorAll('iframe,object,embed,base,svg script').length")
        == 0
    )
    assert page.evaluate(
        "[...document.querySelectorAll('a')].every(a => /^(#|\\/|blob:)/.test(a.getAttribute('href')))"
    )
    assert "\u202e" not in page.inner_text("body")
    assert not [a for a in watched.asked if "198.51.100" in a]


def test_a_long_text_is_shown_in_part(watch, hostile, serve):
    page = watch().open(serve(hostile).address)
    heavy = page.evaluate(
        "(async () => (await gaseolRun.chunk(0)).find(e => e.data === null).seq)()"
    )
    go(page, f"#event={heavy}")
    button = page.get_by_role("button", name="more characters").first
    button.wait_for()
    assert len(page.inner_text("#panel")) < 20_000
    button.click()
    until(page, "document.getElementById('panel').innerText.length > 90000")


def test_a_broken_record_is_shown_as_broken(watch, run, serve):
    lines = (run / "events.jsonl").read_bytes().splitlines()
    lines[60] = b"{}"
    (run / "events.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    page = watch().open(serve(run).address)
    assert "line 61" in page.inner_text(".notice.bad")
    wait(page, ".standing.bad")


def test_replay_labels_are_shown(watch, run, serve):
    from gaseol.traces.record.labels import Labels, Span, save
    from gaseol.traces.verification.verifier import verify

    head = verify(run).head
    spans = (Span(first=0, last=20, label="recomputed-equal"),
             Span(first=21, last=21, label="recomputed-different"))  # fmt: skip
    save(run, Labels(mode="strict", head=head, at="2026-01-01T00:00:00Z", holds=False, spans=spans,
                     divergence="event 21 says 5, not 6"))  # fmt: skip
    page = watch().open(serve(run).address)
    assert "strict replay" in page.inner_text("#states")
    for seq, label in ((5, "equal"), (21, "different"), (30, "recorded")):
        go(page, f"#event={seq}")
        until(
            page, f"document.querySelector('#panel .label-badge')?.textContent.includes('{label}')"
        )
    go(page, "#view=review")
    assert "event 21 says 5, not 6" in page.inner_text("main")


def test_print_shows_the_page_without_its_tools(opened):
    page = opened.page
    page.emulate_media(media="print")
    assert not page.locator("nav.views").is_visible()
    assert page.locator("ol.claims").is_visible()
    assert page.evaluate("document.body.scrollHeight") > 1500


def test_contrast_is_enough(opened):
    page = opened.page
    for scheme in ("light", "dark"):
        page.evaluate("name => { document.documentElement.dataset.theme = name; }", scheme)
        worst = page.evaluate(_CONTRAST)
        assert worst[0] >= 4.5, (scheme, worst)


_CONTRAST = """() => {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    pen.fillStyle = "#fff"; pen.fillRect(0, 0, 1, 1);
    for (const c of colours) { pen.fillStyle = c; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  let worst = [21, ""];
  for (const node of document.querySelectorAll("#app *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest("svg,.unseen,.skip,:disabled")) continue;
    const back = [];
    for (let up = node; up; up = up.parentElement) back.unshift(getComputedStyle(up).backgroundColor);
    const a = light(over(back)), b = light(over([...back, getComputedStyle(node).color]));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, node.className + ": " + node.textContent.slice(0, 40)];
  }
  return worst;
}"""


_LEAP = """async () => {
  const list = document.querySelector(".list");
  const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const shown = [];
  for (let i = 0; i < 50; i++) {
    list.scrollTop = i % 5 ? list.scrollTop + 700 : list.scrollHeight * i / 50;
    await frame();
    shown.push(document.querySelectorAll(".row-event").length);
  }
  return shown;
}"""


@pytest.fixture(scope="session")
def large(large_maker, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "large"
    assert large_maker.write_record(folder, 100_000) >= 99_000
    return folder


@pytest.mark.parametrize("way", ["served", "file"])
def test_a_large_record_holds_only_the_rows_in_sight(watch, large, serve, tmp_path, way):
    if way == "served":
        address = serve(large).address
    else:
        write_view(large, tmp_path / "large.html")
        address = (tmp_path / "large.html").as_uri()
    page = watch().open(address)
    wait(page, ".standing.good")
    go(page, "#view=story")
    page.get_by_role("button", name="everything").click()
    wait(page, ".row-event")
    # how long its tasks take is for benchmarks/viewer_open.py to say
    shown = page.evaluate(_LEAP)
    assert min(shown) > 10
    assert max(shown) < 150, "rows out of sight are kept"
    page.locator(".list").evaluate("list => { list.scrollTop = list.scrollHeight; }")
    until(page, "[...document.querySelectorAll('.row-event .seq')].some(s =>"
                           " Number(s.textContent) === gaseolRun.events - 1)")  # fmt: skip
