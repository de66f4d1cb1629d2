"""What pgbench runs: the bare tables and transaction that set the limit, and one call of the posting function."""

RAW_TABLES = """
DROP TABLE IF EXISTS raw_licence, raw_asset, raw_account, raw_transfer, raw_entry, raw_audit;
CREATE TABLE raw_licence (id bigint PRIMARY KEY, standing boolean NOT NULL);
CREATE TABLE raw_asset (id bigint PRIMARY KEY, placed bigint NOT NULL, seq bigint NOT NULL);
CREATE TABLE raw_account (id bigint PRIMARY KEY, units bigint NOT NULL);
CREATE TABLE raw_transfer (id bigserial PRIMARY KEY, asset bigint NOT NULL, key text NOT NULL UNIQUE,
    units bigint NOT NULL, at timestamptz NOT NULL);
CREATE TABLE raw_entry (id bigserial PRIMARY KEY, transfer bigint NOT NULL, account bigint NOT NULL,
    units bigint NOT NULL);
CREATE TABLE raw_audit (id bigserial PRIMARY KEY, subject bigint NOT NULL, data jsonb NOT NULL,
    at timestamptz NOT NULL);
INSERT INTO raw_licence SELECT n, true FROM generate_series(0, 9) n;
INSERT INTO raw_asset SELECT n, 0, 0 FROM generate_series(0, 99) n;
INSERT INTO raw_account SELECT n, 1000000000 FROM generate_series(0, 199) n;
"""

RAW = """
\\set n random(0, {last})
\\set v :n % 10
BEGIN;
SELECT standing FROM raw_licence WHERE id = :v FOR SHARE;
SELECT placed, seq FROM raw_asset WHERE id = :n FOR UPDATE;
INSERT INTO raw_transfer (asset, key, units, at) VALUES (:n, gen_random_uuid()::text, 1, now()) RETURNING id;
UPDATE raw_account SET units = units - 1 WHERE id = :n;
INSERT INTO raw_entry (transfer, account, units)
    VALUES (currval('raw_transfer_id_seq'), :n, -1), (currval('raw_transfer_id_seq'), :n + 100, 1);
UPDATE raw_asset SET placed = placed + 1, seq = seq + 1 WHERE id = :n;
INSERT INTO raw_audit (subject, data, at) VALUES (:n, '{{"units": 1}}', now());
COMMIT;
"""

FUNCTION = """
\\set n random(0, {last})
\\set asset {asset} + :n
\\set venue {venue} + :n % 10
SELECT entry_id, entry_seq, entry_hash, replayed FROM ledger_post(gen_random_uuid()::text, 'distribute', 'inventory',
    :asset, :venue, NULL, 1, {maker}, NULL, NULL, '', now());
"""
