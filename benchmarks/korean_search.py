"""How Korean nouns are found by four ways of indexing: trigrams, pairs, stems, and stems with pairs.

Every noun is asked of every sentence; which sentences are about it was marked by hand. Prints one
JSON document. Run: `python benchmarks/korean_search.py`.
"""

import json
import sqlite3
import sys
from collections.abc import Callable

from gaseol.tools.corpus.words import expression, pairs, stem, words

SENTENCES = {
    "고압의 수소를 금속에 저장하였다.": "수소 금속 저장",
    "수소의 확산은 온도에 따라 빨라진다.": "수소 확산 온도",
    "산소와 수소로부터 물이 생긴다.": "산소 수소 물",
    "수소저장합금은 반복하여 쓸 수 있다.": "수소 합금 저장",
    "과산화수소는 산화제이다.": "산화제",
    "물을 가열하면 수증기가 된다.": "물 수증기",
    "물질의 밀도는 온도에 반비례하였다.": "밀도 온도 물질",
    "이 화합물은 물에 잘 녹는다.": "화합물 물",
    "전이금속에서는 d 전자가 결합에 참여한다.": "금속 전자 결합",
    "전이 온도보다 낮은 곳에서 상이 바뀐다.": "전이 온도",
    "전자가 부족한 고리는 반응성이 낮다.": "전자 고리 반응성",
    "전자레인지로 시료를 데웠다.": "시료",
    "리튬이온전지의 용량이 줄었다.": "리튬 전지 용량",
    "전지에서는 리튬의 석출이 문제이다.": "전지 리튬 석출",
    "소금물로 전해질을 만들었다.": "전해질 소금물",
    "전해질만으로는 충분하지 않다.": "전해질",
    "촉매의 표면에서 일산화탄소가 흡착된다.": "촉매 표면 흡착",
    "표면적이 클수록 촉매는 활성이 높다.": "촉매 활성 표면적",
    "단백질이 접히는 속도를 재었다.": "단백질 속도",
    "단백질들의 구조를 예측하였다.": "단백질 구조",
    "결정구조로부터 격자상수를 구하였다.": "격자상수 결정 구조",
    "결정이 자라는 동안 온도를 지켰다.": "결정 온도",
    "인삼의 추출물은 수면에 영향을 준다.": "인삼 추출물 수면",
    "수면에서 빛이 반사된다.": "빛 수면 반사",
    "빛은 파장에 따라 다르게 흡수된다.": "빛 파장 흡수",
    "열을 가하면 고분자가 분해된다.": "열 고분자 분해",
    "열전도도가 높은 재료이다.": "열전도도 재료",
    "재료마다 강도가 다르다.": "재료 강도",
    "용매 속에서 이온이 움직인다.": "용매 이온",
    "이온전도도와 점도의 관계를 보았다.": "이온전도도 점도",
    "점도로 분자량을 추정하였다.": "점도 분자량",
    "철의 산화를 막는 도료이다.": "철 산화 도료",
    "철도 차량의 소음을 재었다.": "철도 소음",
    "금이 섞인 나노입자를 합성하였다.": "금 나노입자 합성",
    "금속의 피로를 시험하였다.": "금속 피로",
    "금년에는 실험을 하지 않았다.": "실험",
    "실험으로는 확인하지 못하였다.": "실험",
    "효소에 의하여 반응이 빨라졌다.": "효소 반응",
    "반응성이라는 말은 넓게 쓰인다.": "반응성",
    "탄소나노튜브를 용매에 분산하였다.": "탄소 나노튜브 용매",
}
"""Sentence, and the nouns that it is about."""

CREATE = "CREATE VIRTUAL TABLE t USING fts5({columns}, tokenize='{tokenizer}')"


def main() -> None:
    """Measure and print."""
    nouns = sorted({noun for said in SENTENCES.values() for noun in said.split()})
    ways: dict[str, tuple[str, Callable[[str], list[str]], Callable[[str], str]]] = {
        "trigrams (FTS5)": ("trigram", lambda text: [text], lambda noun: f'"{noun}"'),
        "pairs of syllables": (
            "unicode61",
            lambda text: [" ".join(pairs(text))],
            lambda noun: f'"{" ".join(pairs(noun)) or noun}"',
        ),
        "words without particles": (
            "unicode61",
            lambda text: [" ".join(words(text))],
            lambda noun: f'"{noun}" OR "{stem(noun) if len(noun) > 2 else noun}"',
        ),
        "both, as the corpus has it": (
            "porter unicode61",
            lambda text: [" ".join(words(text)), " ".join(pairs(text))],
            expression,
        ),
    }
    report = {
        "sentences": len(SENTENCES),
        "nouns": len(nouns),
        "pairs_marked": sum(len(said.split()) for said in SENTENCES.values()),
        "ways": {name: measured(nouns, *way) for name, way in ways.items()},
    }
    json.dump(report, sys.stdout, indent=2, ensure_ascii=False)
    print()


def measured(
    nouns: list[str],
    tokenizer: str,
    indexed: Callable[[str], list[str]],
    asked: Callable[[str], str],
) -> dict[str, float | int | list[str]]:
    """Return how many marked sentences are found, and how many others.

    Args:
        nouns: asked for.
        tokenizer: of FTS5.
        indexed: makes the columns of a sentence.
        asked: makes the query of a noun.
    """
    columns = ["words", "pairs"][: len(indexed("x"))]
    db = sqlite3.connect(":memory:")
    db.execute(CREATE.format(columns=", ".join(columns), tokenizer=tokenizer))
    places = ", ".join("?" * len(columns))
    for sentence in SENTENCES:
        db.execute(f"INSERT INTO t VALUES ({places})", indexed(sentence))
    right = wrong = missed = 0
    misses: list[str] = []
    for noun in nouns:
        rows = db.execute("SELECT rowid FROM t WHERE t MATCH ?", (asked(noun),)).fetchall()
        found = {row[0] for row in rows}
        for number, (sentence, said) in enumerate(SENTENCES.items(), 1):
            about = noun in said.split()
            right += about and number in found
            wrong += not about and number in found
            if about and number not in found:
                missed += 1
                misses.append(f"{noun}: {sentence}")
    db.close()
    return {
        "recall": round(right / (right + missed), 3),
        "precision": round(right / (right + wrong), 3) if right + wrong else 0.0,
        "found": right,
        "missed": missed,
        "beside_the_point": wrong,
        "first_missed": misses[:5],
    }


if __name__ == "__main__":
    main()
