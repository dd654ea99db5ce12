"""What a corpus of many documents costs: adding, adding again, searching, its size on disk.

Abstracts are made of a vocabulary with a long tail, half of them in Korean with particles, in the
shape of an OpenAlex snapshot. Prints one JSON document, times in seconds (searches in milliseconds).
Run: `python benchmarks/corpus_index.py --documents 100000`.
"""

import argparse
import json
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from gaseol.tools import Pool, Registry
from gaseol.tools.corpus.adding import Added, add
from gaseol.tools.corpus.index import Index

SYLLABLES = (
    "가나다라마바사아자차카타파하수소물질금속전자이온결정구조반응온도촉매표면합성분해산화환원용매"
)
PARTICLES = (
    "을",
    "를",
    "은",
    "는",
    "이",
    "가",
    "의",
    "에",
    "에서",
    "으로",
    "로부터",
    "와",
    "과",
    "",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--searches", type=int, default=200)
    options = parser.parse_args()
    rng = random.Random(0)
    latin = [_word(rng, "abcdefghilmnoprstuvy", 3, 10) for _ in range(20_000)]
    korean = [_word(rng, SYLLABLES, 2, 4) for _ in range(8_000)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "snapshot"
        folder.mkdir()
        _write(folder, options.documents, rng, latin, korean)
        file = Path(place) / "corpus.sqlite"
        with Pool(Registry.load()) as pool:
            cpu = time.process_time()
            first, added = _timed(file, folder, pool)
            cpu = time.process_time() - cpu
            again, _ = _timed(file, folder, pool)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        with Index(file) as index:
            counts = index.counts()
            one = [_search(index, rng.choice(latin[:4000])) for _ in range(options.searches)]
            two = [
                _search(index, f"{rng.choice(latin[:500])} {rng.choice(latin[:500])}")
                for _ in range(options.searches)
            ]
            ko = [_search(index, rng.choice(korean[:2000])) for _ in range(options.searches)]
        report = {
            "documents": counts.documents,
            "passages": counts.passages,
            "failures": len(added.failures),
            "source_mb": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1),
            "index_mb": round(file.stat().st_size / 1e6, 1),
            "add_seconds": round(first, 1),
            "add_cpu_seconds": round(cpu, 1),
            "workers_cpu_seconds": round(children.ru_utime + children.ru_stime, 1),
            "documents_per_second": round(counts.documents / first),
            "add_again_unchanged_seconds": round(again, 2),
            "search_one_word_ms": _ms(one),
            "search_two_words_ms": _ms(two),
            "search_korean_noun_ms": _ms(ko),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "python": platform.python_version(),
            "machine": platform.machine(),
        }
    json.dump(report, sys.stdout, indent=2)
    print()


def _word(rng: random.Random, letters: str, low: int, high: int) -> str:
    return "".join(rng.choice(letters) for _ in range(rng.randint(low, high)))


def _write(
    folder: Path, documents: int, rng: random.Random, latin: list[str], korean: list[str]
) -> None:
    """Write a snapshot of works, 10,000 a file, abstracts of 120 words."""
    for start in range(0, documents, 10_000):
        with (folder / f"part_{start:07}.jsonl").open("w", encoding="utf-8") as out:
            for number in range(start, min(start + 10_000, documents)):
                said = [_drawn(rng, latin) for _ in range(120)]
                if number % 2:
                    said = [_drawn(rng, korean) + rng.choice(PARTICLES) for _ in range(120)]
                index: dict[str, list[int]] = {}
                for at, word in enumerate(said):
                    index.setdefault(word, []).append(at)
                work = {
                    "id": f"https://openalex.org/W{number}",
                    "doi": f"https://doi.org/10.5555/{number}",
                    "title": " ".join(said[:8]),
                    "publication_year": 2000 + number % 25,
                    "authorships": [{"author": {"display_name": f"Author {number % 5000}"}}],
                    "abstract_inverted_index": index,
                }
                out.write(json.dumps(work, ensure_ascii=False) + "\n")


def _drawn(rng: random.Random, vocabulary: list[str]) -> str:
    return vocabulary[min(int(rng.paretovariate(0.6)) - 1, len(vocabulary) - 1)]


def _timed(file: Path, folder: Path, pool: Pool) -> tuple[float, Added]:
    began = time.perf_counter()
    with Index(file, write=True) as index:
        added = add(index, folder, pool)
    return time.perf_counter() - began, added


def _search(index: Index, query: str) -> float:
    began = time.perf_counter()
    index.search(query, 10)
    return 1000 * (time.perf_counter() - began)


def _ms(times: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(times), 2),
        "p95": round(statistics.quantiles(times, n=20)[-1], 2),
    }


if __name__ == "__main__":
    main()
