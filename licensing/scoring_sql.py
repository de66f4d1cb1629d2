"""The compliance score as SQL: any number of firms at once, each on a day that is given, never today.

`scoring/` says what a score is, one firm at a time; a test holds the two equal. Everything is counted in whole
numbers: points in hundredths, gains in quarters of those, so that a bar is compared by multiplying across and never by
dividing. A score clears a bar when 100·gained ≥ bar·4·possible.

The parameters are `grace` (days) and four arrays of one length, `firms`, `phases`, `frameworks` and `days`: these are
the subjects, and the answers name them by their place in the arrays, from 1.
"""

# The numbers that stand for a rating beside 0 to 4, and for the standing of evidence.
UNRATED, WAIVED, NOT_APPLICABLE = 5, 6, 7
STANDINGS = ("none", "valid", "in_grace", "expired")

_LINES = f"""
subject AS (
    SELECT s.n::int, s.firm_id, s.framework_id, s.day,
        array_position(ARRAY['NOC', 'SETUP', 'FULL'], s.phase) AS place
    FROM unnest(%(firms)s::bigint[], %(phases)s::text[], %(frameworks)s::bigint[], %(days)s::date[])
        WITH ORDINALITY AS s(firm_id, phase, framework_id, day, n)
),
-- What every code is called in the version at hand: ratings and evidence count by code, whichever version they name.
code AS (SELECT c.id AS criterion_id, dense_rank() OVER (ORDER BY c.code) AS code_id FROM licensing_criterion c),
-- The rating that counts is the last that a moderator has seen, else the last. One number makes the choice: first
-- whether it is moderated, then how young it is; its last three bits are the rating itself. Of the evidence the
-- longest-lived piece decides, and one that never expires outlives all.
fact AS (
    SELECT firm_id, code_id, (max(word) & 7)::int AS rating, max(last_day) AS last_day
    FROM (
        SELECT r.firm_id, k.code_id, NULL::date AS last_day,
            ((r.moderated_at IS NOT NULL)::int::bigint << 60) | (r.id << 3)
            | CASE WHEN r.waived THEN {WAIVED}
                WHEN r.not_applicable THEN {NOT_APPLICABLE}
                ELSE coalesce(r.overridden_rating, r.moderated_rating, r.rating) END AS word
        FROM licensing_rating r JOIN code k ON k.criterion_id = r.criterion_id
        WHERE (r.current OR r.moderated_at IS NOT NULL) AND r.firm_id = ANY (%(firms)s)
        UNION ALL
        SELECT e.firm_id, k.code_id, coalesce(l.expires_on, 'infinity'), NULL
        FROM licensing_evidence e
        JOIN licensing_evidencelink l ON l.evidence_id = e.id
        JOIN code k ON k.criterion_id = l.criterion_id
        WHERE e.state IN ('accepted', 'expiring', 'expired') AND e.firm_id = ANY (%(firms)s)
    ) given
    GROUP BY firm_id, code_id
),
criterion AS (
    SELECT c.id, c.code, k.code_id, c.mark, (c.points * 100)::int AS points, d.framework_id, d.id AS domain_id,
        array_position(ARRAY['NOC', 'SETUP', 'FULL'], c.applies_from::text) AS place
    FROM licensing_criterion c
    JOIN licensing_domain d ON d.id = c.domain_id
    JOIN code k ON k.criterion_id = c.id
    WHERE d.framework_id = ANY (%(frameworks)s)
),
line AS (
    SELECT s.n, s.place, c.id AS criterion_id, c.code, c.domain_id, c.mark, c.points,
        coalesce(f.rating, {UNRATED}) AS rating,
        CASE
            WHEN f.last_day IS NULL THEN 0
            WHEN f.last_day >= s.day THEN 1
            WHEN f.last_day >= s.day - %(grace)s THEN 2
            ELSE 3
        END AS standing
    FROM subject s
    JOIN criterion c ON c.framework_id = s.framework_id AND c.place <= s.place
    LEFT JOIN fact f ON f.firm_id = s.firm_id AND f.code_id = c.code_id
),
counted AS (
    SELECT line.*, rating < {WAIVED} AS counts,
        CASE
            WHEN rating > 4 THEN 0
            WHEN standing = 0 THEN least(rating, 1)
            WHEN standing < 3 THEN rating
            WHEN mark <> '' THEN 0
            ELSE least(rating, 2)
        END AS effective
    FROM line
),
-- The state of one criterion as a number; over a whole sheet, two that differ have the same once in 2^64.
digested AS (
    SELECT counted.*, hashint8extended(criterion_id * 32 + rating * 4 + standing, 0) AS digest FROM counted
)"""

_SUMS = """
sums AS (
    SELECT n, place, domain_id,
        coalesce(sum(points * effective) FILTER (WHERE counts), 0) AS gained,
        coalesce(sum(points) FILTER (WHERE counts), 0) AS possible,
        -- A mandatory criterion has its bar where it counts; a knock-out everywhere, or it could be called away.
        string_agg(code, ' ') FILTER (
            WHERE effective < CASE WHEN mark = 'knock_out' OR place = 3 THEN 3 ELSE 2 END
                AND (mark = 'knock_out' OR mark = 'mandatory' AND counts)
        ) AS marks,
        bool_or(mark = 'knock_out' AND effective < 3) AS knocked_out
    FROM counted
    GROUP BY n, place, domain_id
)"""

# One row a criterion of each subject: what was rated, how its evidence stands, what that comes to, and its digest.
LINES = f"""
WITH {_LINES}
SELECT n, code, rating, standing, effective, points, digest FROM digested
"""

# One row a subject: quarters of hundredths of points gained, hundredths possible, and the digest of the whole sheet.
TOTALS = f"""
WITH {_LINES}
SELECT n, coalesce(sum(points * effective) FILTER (WHERE counts), 0), coalesce(sum(points) FILTER (WHERE counts), 0),
    bit_xor(digest) AS digest
FROM digested
GROUP BY n
"""

# One row a domain of each subject.
DOMAINS = f"""
WITH {_LINES}, {_SUMS}
SELECT n, d.code AS domain, gained, possible FROM sums JOIN licensing_domain d ON d.id = sums.domain_id
"""

# One row a gate of each subject's phase: whether the total misses its bar, which domains do, and, in no order, the
# marked criteria that do: those are the same at every gate of a phase.
VERDICTS = f"""
WITH {_LINES}, {_SUMS},
floor AS (
    SELECT g.id AS gate_id, g.code AS gate, g.total, g.conditions_below, d.id AS domain_id, d.code AS domain,
        d."order" AS place, coalesce(f.floor, g.other_floor) AS floor,
        array_position(ARRAY['NOC', 'SETUP', 'FULL'], g.phase::text) AS phase
    FROM licensing_gatebar g
    JOIN licensing_domain d ON d.framework_id = g.framework_id
    LEFT JOIN licensing_gatefloor f ON f.gate_id = g.id AND f.domain_id = d.id
    WHERE g.framework_id = ANY (%(frameworks)s)
)
SELECT s.n, f.gate,
    -- Where nothing counts, the total is nothing and not everything.
    100 * sum(s.gained) < f.total * 4 * sum(s.possible) OR (sum(s.possible) = 0 AND f.total > 0) AS total_is_missed,
    -- A domain in which nothing counts has no floor.
    array_agg(f.domain ORDER BY f.place) FILTER (
        WHERE s.possible > 0 AND 100 * s.gained < f.floor * 4 * s.possible
    ) AS domains,
    string_agg(s.marks, ' ') AS marks,
    bool_or(s.knocked_out) AS knocked_out,
    100 * sum(s.gained) < f.conditions_below * 4 * sum(s.possible)
        OR (sum(s.possible) = 0 AND f.conditions_below > 0) AS conditions_compulsory
FROM sums s
JOIN floor f ON f.phase = s.place AND f.domain_id = s.domain_id
GROUP BY s.n, f.gate_id, f.gate, f.total, f.conditions_below
"""

# The latest entry of each subject; its two parameters are the arrays `firms` and `phases`.
LATEST = """
SELECT s.n, e.id, e.digest
FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS s(firm_id, phase, n)
CROSS JOIN LATERAL (
    SELECT id, digest FROM licensing_scoreentry e
    WHERE e.firm_id = s.firm_id AND e.phase = s.phase ORDER BY e.number DESC LIMIT 1
) e
"""

# An entry follows the one before it: by its number, by its day, and by its hash.
FOLLOWS = """
CREATE FUNCTION licensing_score_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    last record;
BEGIN
    SELECT number, day, hash INTO last FROM licensing_scoreentry
        WHERE firm_id = NEW.firm_id AND phase = NEW.phase ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.day < last.day OR NEW.former <> coalesce(last.hash, '') THEN
        RAISE EXCEPTION 'Score entry % of firm % at % does not follow the one before it.',
            NEW.number, NEW.firm_id, NEW.phase
            USING ERRCODE = 'restrict_violation', HINT = 'The history is written forwards, one entry after another.';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER score_entry_follows BEFORE INSERT ON licensing_scoreentry
    FOR EACH ROW EXECUTE FUNCTION licensing_score_entry_follows();
"""
FOLLOWS_REMOVED = """
DROP TRIGGER score_entry_follows ON licensing_scoreentry;
DROP FUNCTION licensing_score_entry_follows();
"""
