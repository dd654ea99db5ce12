"""Questions across runs that are ready to be asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the SQL that answers it over the tables of an archive."""

    name: str
    asks: str
    sql: str


_ALL = (
    Question(
        "supported",
        "Which hypotheses were supported across seeds?",
        """
SELECT r.scenario, h.statement,
       count(*) AS judged,
       count(DISTINCT r.seed) AS seeds,
       count(*) FILTER (v.ruling = 'supported') AS supported,
       count(*) FILTER (v.ruling = 'refuted') AS refuted,
       count(*) FILTER (v.ruling = 'undecided') AS undecided,
       count(*) FILTER (v.ruling = 'invalid') AS invalid,
       count(DISTINCT r.seed) FILTER (v.ruling = 'supported') AS seeds_supporting
FROM verdicts v JOIN hypotheses h USING (run, hypothesis) JOIN runs r USING (run)
GROUP BY r.scenario, h.statement
ORDER BY seeds_supporting DESC, supported DESC, judged DESC, r.scenario, h.statement
""",
    ),
    Question(
        "tokens",
        "What did tokens (and money) buy?",
        """
SELECT r.scenario, r.scientist,
       count(*) AS runs,
       sum(coalesce(r.tokens, 0)) AS tokens,
       sum(coalesce(r.money, 0)) AS money,
       sum(coalesce(v.decided, 0)) AS decided,
       sum(coalesce(v.agreeing, 0)) AS agreeing,
       sum(coalesce(r.tokens, 0)) / nullif(sum(coalesce(v.decided, 0)), 0) AS tokens_per_decided,
       sum(coalesce(r.money, 0)) / nullif(sum(coalesce(v.decided, 0)), 0) AS money_per_decided
FROM runs r LEFT JOIN (
    SELECT run,
           count(*) FILTER (ruling IN ('supported', 'refuted')) AS decided,
           count(*) FILTER (score = 'agrees') AS agreeing
    FROM verdicts GROUP BY run
) v USING (run)
GROUP BY r.scenario, r.scientist
ORDER BY r.scenario, r.scientist
""",
    ),
    Question(
        "divergence",
        "Where do runs of one scenario and seed part from the first of them?",
        """
WITH one AS (
    SELECT run, scenario, seed, scientist,
           first_value(run) OVER (PARTITION BY scenario, seed ORDER BY started, run) AS reference
    FROM runs
),
pair AS (SELECT * FROM one WHERE run <> reference),
length AS (SELECT run, max(place) AS last FROM course GROUP BY run),
parted AS (
    SELECT p.run, min(c.place) AS place
    FROM pair p JOIN course c ON c.run = p.run
    LEFT JOIN course o ON o.run = p.reference AND o.place = c.place
    WHERE o.digest IS DISTINCT FROM c.digest
    GROUP BY p.run
)
SELECT p.scenario, p.seed, p.reference, p.run, p.scientist,
       CASE WHEN d.place IS NOT NULL THEN 'differs'
            WHEN coalesce(a.last, -1) < coalesce(b.last, -1) THEN 'ends earlier'
            ELSE 'same' END AS outcome,
       coalesce(d.place, CASE WHEN coalesce(a.last, -1) < coalesce(b.last, -1)
                              THEN coalesce(a.last, -1) + 1 END) AS place,
       x.kind, x.noun, x.event, y.kind AS reference_kind, y.noun AS reference_noun,
       y.event AS reference_event
FROM pair p
LEFT JOIN parted d ON d.run = p.run
LEFT JOIN length a ON a.run = p.run
LEFT JOIN length b ON b.run = p.reference
LEFT JOIN course x ON x.run = p.run AND x.place = d.place
LEFT JOIN course y ON y.run = p.reference
     AND y.place = coalesce(d.place, coalesce(a.last, -1) + 1)
ORDER BY p.scenario, p.seed, p.reference, p.run
""",
    ),
    Question(
        "tools",
        "Which calls take the time, and which fail?",
        """
SELECT effect, name,
       count(*) AS calls,
       count(*) FILTER (outcome = 'failed') AS failed,
       count(*) FILTER (outcome IN ('ambiguous', 'unanswered')) AS unknown,
       count(*) FILTER (origin = 'cache') AS cached,
       round(sum(seconds), 3) AS seconds,
       round(sum(cpu_seconds), 3) AS cpu_seconds,
       median(seconds) AS median_seconds,
       quantile_cont(seconds, 0.95) AS p95_seconds,
       mode(failure) AS usual_failure
FROM effects
GROUP BY effect, name
ORDER BY seconds DESC NULLS LAST, effect, name
""",
    ),
    Question(
        "errors",
        "How often were decided hypotheses wrong, by the hidden answers?",
        """
SELECT r.scenario, r.scientist,
       count(DISTINCT r.run) AS runs,
       count(*) AS scored,
       count(*) FILTER (v.score = 'agrees') AS agree,
       count(*) FILTER (v.score = 'disagrees') AS disagree,
       count(*) FILTER (v.score = 'not decided') AS not_decided,
       count(*) FILTER (v.score = 'disagrees' AND v.ruling = 'supported') AS falsely_supported,
       count(*) FILTER (v.score = 'disagrees')
           / nullif(count(*) FILTER (v.score IN ('agrees', 'disagrees')), 0) AS error_rate
FROM verdicts v JOIN runs r USING (run)
WHERE v.score IS NOT NULL
GROUP BY r.scenario, r.scientist
ORDER BY error_rate DESC NULLS LAST, r.scenario, r.scientist
""",
    ),
    Question(
        "experiments",
        "How many experiments does a verdict take?",
        """
SELECT r.scenario, g.process, v.ruling,
       count(*) AS verdicts,
       min(v.draws) AS least,
       median(v.draws) AS median,
       max(v.draws) AS most,
       round(avg(v.failures), 2) AS mean_failures,
       max(g.draws) AS allowed
FROM verdicts v JOIN registrations g USING (run, hypothesis) JOIN runs r USING (run)
GROUP BY r.scenario, g.process, v.ruling
ORDER BY r.scenario, g.process, v.ruling
""",
    ),
)

QUESTIONS = {question.name: question for question in _ALL}
"""By name."""
