-- SPDX-License-Identifier: Apache-2.0
-- Something of everything that pg_dump writes, named and filled so as to mislead who reads it.
-- Roles "Bob B" and alice exist. Loaded once, dumped with many options.
CREATE SCHEMA "Sch ema" AUTHORIZATION alice;
CREATE EXTENSION pg_trgm;
CREATE TYPE mood AS ENUM ('sad', 'o''k', 'hap;py');
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE TYPE comp AS (a int, b text);
CREATE TYPE rng AS RANGE (subtype = float8);
CREATE COLLATION "c;oll" FROM "C";
CREATE SEQUENCE sq START 5;
SELECT nextval('sq');

CREATE TABLE t (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL COLLATE "c;oll",
    m mood, p posint, c comp, r rng,
    g text GENERATED ALWAYS AS (upper(name)) STORED,
    "Wei;rd ""col" text DEFAULT 'a;b\c''d',
    CONSTRAINT ex EXCLUDE USING gist (int4range(id::int, id::int + 1) WITH &&)
);
ALTER TABLE t ADD CONSTRAINT chk CHECK (length(name) > 0 AND name <> E'\\;') NOT VALID;
CREATE TABLE "Sch ema"."Ta;ble$$" (id serial PRIMARY KEY, t_id bigint REFERENCES t (id), body text);
CREATE TABLE inh (extra int) INHERITS ("Sch ema"."Ta;ble$$");
CREATE TABLE parent (k int, v text, PRIMARY KEY (k)) PARTITION BY RANGE (k);
CREATE TABLE part1 PARTITION OF parent FOR VALUES FROM (0) TO (100);
CREATE TABLE part2 PARTITION OF parent FOR VALUES FROM (100) TO (200);
CREATE TABLE empty ();
CREATE TABLE allnull (a int, b int);
CREATE TABLE "if" ("only" int PRIMARY KEY, "select" int);
CREATE UNLOGGED TABLE unl (a int);
CREATE UNIQUE INDEX ON t (lower(name)) WHERE name <> ';';
CREATE INDEX t_trgm ON t USING gin (name gin_trgm_ops);
CREATE INDEX "i;x" ON "Sch ema"."Ta;ble$$" (body) WHERE body LIKE 'a;%';
CREATE INDEX ON parent (v);
CREATE STATISTICS st ON id, name FROM t;
ALTER TABLE t CLUSTER ON t_pkey;
ALTER TABLE parent REPLICA IDENTITY FULL;

CREATE FUNCTION f1(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC
    SELECT CASE WHEN a > 0 THEN a ELSE (SELECT CASE WHEN true THEN 1 END) END;
    SELECT a + 1;
END;
CREATE PROCEDURE p1(a int) LANGUAGE sql BEGIN ATOMIC
    INSERT INTO parent VALUES (a, 'x;y');
    DELETE FROM parent WHERE k = a;
END;
CREATE FUNCTION f2() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN -- ; it's
    /* ; */ IF new.name = $$x;y$$ THEN NULL; END IF; RETURN new;
END $f$;
CREATE FUNCTION f3() RETURNS text LANGUAGE sql AS E'select ''a;\\''::text; select $$b$$::text';
CREATE FUNCTION "quo""te;d"() RETURNS int LANGUAGE sql RETURN 1;
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE AGGREGATE agg(int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
CREATE CAST (mood AS int) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION tsc (COPY = simple);
CREATE FOREIGN DATA WRAPPER dummy;
CREATE SERVER srv FOREIGN DATA WRAPPER dummy;
CREATE USER MAPPING FOR alice SERVER srv OPTIONS (u 'x;y');
CREATE FOREIGN TABLE ft (a int) SERVER srv;

CREATE VIEW v AS SELECT id, CASE WHEN id > 1 THEN 'a;b' END AS x FROM t;
CREATE VIEW circ AS SELECT id, name FROM t GROUP BY id;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM v;
CREATE MATERIALIZED VIEW mv2 AS SELECT count(*) AS c FROM mv;
CREATE INDEX ON mv (id);
CREATE RULE r AS ON INSERT TO parent WHERE new.k < 0 DO ALSO (
    INSERT INTO inh (id, body) VALUES (1, 'a;b');
    DELETE FROM inh WHERE id = 1;
);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f2();
CREATE POLICY pol ON t FOR SELECT TO alice USING (name <> ';');
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE PUBLICATION pub FOR TABLE t, TABLES IN SCHEMA "Sch ema";

INSERT INTO t (name, m, p, c) VALUES
    ('one', 'sad', 1, (1, 'x')), (E'two\nlines;\r\n', 'hap;py', 2, NULL),
    (E'tab\tback\\slash;\\.', 'sad', 3, (2, '')), (E'\\.', 'sad', 4, NULL),
    ('ünïcode 日本 ソ表', NULL, NULL, NULL), (E'\\restrict x\n\\! id\n', NULL, NULL, NULL);
INSERT INTO "Sch ema"."Ta;ble$$" (t_id, body)
    SELECT 1 + (i % 5), repeat('x', i % 100) || ';' FROM generate_series(1, 1000) i;
INSERT INTO "Sch ema"."Ta;ble$$" (t_id, body)
    VALUES (NULL, NULL), (1, E'\\.'), (1, E'\r\n'), (1, ''), (1, '-- '' $$ /* ');
INSERT INTO parent SELECT i, 'v''' || i FROM generate_series(0, 199) i;
INSERT INTO allnull SELECT NULL, NULL FROM generate_series(1, 10);
REFRESH MATERIALIZED VIEW mv;
SELECT lo_create(4711);
SELECT lo_from_bytea(4712, decode(repeat('00ff275c3b', 1000), 'hex'));

COMMENT ON TABLE t IS 'com''ment; \ with -- and /* stuff';
COMMENT ON COLUMN t.name IS E'line1\nline2;\n\\.\n';
COMMENT ON LARGE OBJECT 4712 IS 'lo;';
COMMENT ON DATABASE rich IS 'db;';
GRANT SELECT ON t TO alice WITH GRANT OPTION;
GRANT INSERT (name) ON t TO "Bob B";
GRANT SELECT ON LARGE OBJECT 4712 TO alice;
GRANT CONNECT ON DATABASE rich TO alice;
SET ROLE alice;
GRANT SELECT ON t TO "Bob B";
RESET ROLE;
ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA "Sch ema" GRANT SELECT ON TABLES TO "Bob B";
ALTER DATABASE rich SET work_mem = '5MB';
ALTER ROLE alice IN DATABASE rich SET search_path = 'x;y';
CREATE EVENT TRIGGER evt ON ddl_command_end EXECUTE FUNCTION et();
