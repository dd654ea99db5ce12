import pytest

pytest.importorskip("cobra", reason="extra `bio` is not installed: pip install 'gaseol[bio]'")

from gaseol.tools import Refuse, Retry
from gaseol.tools.bio import growth, knock_out, metabolic_genes
from gaseol.traces.nouns.failure import FailureKind


def test_the_core_model_grows_as_published():
    # J. D. Orth, I. Thiele, B. O. Palsson, Nat. Biotechnol. 28, 245 (2010), supplement: .8739 per
    # hour with oxygen, .2117 without, at 10 mmol/(g h) of glucose.
    assert growth(model="textbook") == pytest.approx(0.8739, abs=1e-4)
    assert growth(aerobic=False, model="textbook") == pytest.approx(0.2117, abs=1e-4)


def test_poorer_carbon_grows_slower():
    rates = [growth(carbon, model="textbook") for carbon in ("glucose", "pyruvate", "acetate")]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] > 0


def test_the_core_model_has_its_essential_genes():
    # Enolase (b2779) on glucose: essential in the model and in T. Baba et al., Mol. Syst. Biol. 2,
    # 2006.0008 (2006). pfkA (b3916) has pfkB for a stand-in.
    lost = knock_out(("b2779",), model="textbook")
    assert (lost.relative, lost.lost_reactions) == (0.0, 1)
    spared = knock_out(("b3916",), model="textbook")
    assert (spared.relative, spared.lost_reactions) == (1.0, 0)
    both = knock_out(("b3916", "b1723"), model="textbook")
    assert both.lost_reactions == 1
    assert both.relative < 1


def test_a_knock_out_leaves_the_model_as_it_was():
    before = growth(model="textbook")
    knock_out(("b2779",), model="textbook")
    assert knock_out(("b3916",), model="textbook").wild_type == before


def test_genes_say_where_a_stand_in_is():
    rows = {one.gene: one for one in metabolic_genes("textbook")}
    assert len(rows) == 137  # Orth, Fleming, Palsson, EcoSal Plus 4 (2010)
    assert not rows["b2779"].backed_up
    assert rows["b3916"].backed_up
    for one in rows.values():
        assert one.sole_reactions <= one.reactions


@pytest.mark.slow
def test_the_genome_scale_model_as_published():
    # J. D. Orth et al., Mol. Syst. Biol. 7, 535 (2011): 1,367 genes; .982 per hour on glucose.
    rows = {one.gene: one for one in metabolic_genes()}
    assert len(rows) == 1367
    assert growth() == pytest.approx(0.982, abs=0.001)
    # gltA (b0720), citrate synthase: no growth without it on glucose, in the model and on M9 agar.
    assert rows["b0720"].area == "central"
    assert knock_out(("b0720",)).relative == 0.0
    # hisG (b2019): an auxotroph of histidine.
    assert rows["b2019"].area == "biosynthesis"
    assert knock_out(("b2019",)).relative == 0.0
    # lacZ (b0344) is not needed on glucose.
    assert knock_out(("b0344",)).relative == pytest.approx(1.0)


def test_what_is_unknown_is_sent_back():
    with pytest.raises(Retry, match="no gene b9999"):
        knock_out(("b9999",), model="textbook")
    with pytest.raises(Retry, match="does not take up glycerol"):
        growth("glycerol", model="textbook")
    with pytest.raises(Refuse) as refusal:
        knock_out((), model="textbook")
    assert refusal.value.kind is FailureKind.BAD_ARGUMENTS


def test_no_growth_without_oxygen_on_acetate_is_empty():
    assert growth("acetate", aerobic=False, model="textbook") == 0.0
    with pytest.raises(Refuse, match="does not grow") as refusal:
        knock_out(("b2779",), carbon="acetate", aerobic=False, model="textbook")
    assert refusal.value.kind is FailureKind.EMPTY
