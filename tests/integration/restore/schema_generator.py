# SPDX-License-Identifier: Apache-2.0
"""Makes databases that no two people would have thought of, the same ones for the same seed.

Every feature is a method that returns SQL; a seed picks which features there are, how often, in
which order, and how things are called.
"""

import random
import re

NAMES = ["daos", "Größe", "with space", 'quo"te', "select", "naïve-日本", "UPPER", "x.y", "a;b", "back\\slash", "it's"]
TEXTS = ["plain", "", "tab\there", "line\nbreak", "back\\slash", "\\.", "quote ' and \"", "日本語 ünï", "\\N", "a,b;c",
         "-- no comment", "$$ dollar $$", "\r carriage", "COPY x FROM stdin;", "x" * 600]


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def schema_of(table):
    """Of a qualified name; there may be dots within quotes."""
    return re.match(r'("(?:[^"]|"")*"|[^".]+)\.', table).group(1)


class Generator:
    def __init__(self, seed, latin1=False):
        self.random = random.Random(seed)
        self.latin1 = latin1
        self.count = 0
        self.schemas = ["public"]

    def chance(self, probability):
        return self.random.random() < probability

    def name(self):
        """A new name, often one that must be quoted."""
        self.count += 1
        word = self.random.choice(NAMES) if self.chance(0.4) else "n"
        if self.latin1:
            word = word.replace("日本", "é")
        return ident(f"{word}_{self.count}")

    def table_name(self):
        return f"{self.random.choice(self.schemas)}.{self.name()}"

    def text(self):
        value = self.random.choice(TEXTS)
        return literal(value.replace("日本語", "é") if self.latin1 else value)

    def rows(self):
        return self.random.choice([0, 1, 3, 50, 400])

    # Features.

    def schema(self):
        name = self.name()
        self.schemas.append(name)
        return [f"CREATE SCHEMA {name};"]

    def plain_table(self):
        table, sql = self.table_name(), []
        unlogged = "UNLOGGED " if self.chance(0.2) else ""
        fill = " WITH (fillfactor=70, autovacuum_enabled=false)" if self.chance(0.3) else ""
        sql.append(f"CREATE {unlogged}TABLE {table} (id bigint GENERATED {self.random.choice(['ALWAYS', 'BY DEFAULT'])} AS IDENTITY "
                   f"(START 10 INCREMENT 3), a text, {ident('Ü col')} numeric(12,3) DEFAULT 1.5 NOT NULL, b bytea, j jsonb, "
                   f"g text GENERATED ALWAYS AS (upper(a)) STORED, d int[], CHECK ({ident('Ü col')} < 1e9)){fill};")
        sql.append(f"INSERT INTO {table} (a, {ident('Ü col')}, b, j, d) SELECT {self.text()} || i, i / 7.0, decode(md5(i::text), 'hex'), "
                   f"jsonb_build_object('k', {self.text()}), ARRAY[i, NULL, -i] FROM generate_series(1, {self.rows()}) i;")
        if self.chance(0.8):
            sql.append(f"ALTER TABLE {table} ADD {'PRIMARY KEY' if self.chance(0.7) else 'UNIQUE'} (id){' DEFERRABLE INITIALLY DEFERRED' if self.chance(0.2) else ''};")
        for expression in ["(a)", "(lower(a) text_pattern_ops)", f"({ident('Ü col')} DESC NULLS LAST) INCLUDE (a)", "(id) WHERE id % 2 = 0"]:
            if self.chance(0.5):
                index = self.name()
                sql.append(f"CREATE INDEX {index} ON {table} {expression if 'text_pattern' in expression or 'DESC' in expression or 'WHERE' in expression else '(left(a, 100))'};")
                if self.chance(0.3):
                    sql.append(f"COMMENT ON INDEX {schema_of(table)}.{index} IS {self.text()};")
        if self.chance(0.3):
            sql.append(f"CREATE INDEX {self.name()} ON {table} USING {self.random.choice(['gin (d)', 'brin (id)', 'hash (id)', 'gin (j)'])};")
        if self.chance(0.3):
            sql.append(f"CREATE STATISTICS {schema_of(table)}.{self.name()} (ndistinct, dependencies) ON id, a FROM {table};")
        if self.chance(0.3):
            sql.append(f"ALTER TABLE {table} ALTER a SET STORAGE external, ALTER a SET STATISTICS 500, ALTER b SET COMPRESSION {self.random.choice(['pglz', 'lz4'])};")
        if self.chance(0.3):
            sql.append(f"ALTER TABLE {table} REPLICA IDENTITY FULL;")
        if self.chance(0.3):
            sql.append(f"ALTER TABLE {table} ADD CONSTRAINT {self.name()} CHECK (id > 100000) NOT VALID;")
        if self.chance(0.5):
            sql.append(f"COMMENT ON TABLE {table} IS {self.text()}; COMMENT ON COLUMN {table}.a IS {self.text()};")
        if self.chance(0.5):
            sql.append(f"GRANT SELECT, INSERT (a) ON {table} TO alice; GRANT ALL ON {table} TO {ident('Bob Ü')} WITH GRANT OPTION;")
        if self.chance(0.4):
            sql.append(f"ALTER TABLE {table} OWNER TO carol;")
        return sql

    def clustered_table(self):
        table, index = self.table_name(), self.name()
        return [f"CREATE TABLE {table} (a int NOT NULL, b int);", f"CREATE UNIQUE INDEX {index} ON {table} (a);",
                f"INSERT INTO {table} SELECT i, -i FROM generate_series(1, {self.rows()}) i;",
                f"ALTER TABLE {table} CLUSTER ON {index};", f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {index};"]

    def odd_tables(self):
        zero, sql = self.table_name(), []
        sql += [f"CREATE TABLE {zero} ();", f"CREATE TABLE {self.table_name()} (a int);"]
        if self.chance(0.5):
            sql.append(f"INSERT INTO {zero} DEFAULT VALUES;")
        return sql

    def partitions(self):
        table, sql = self.table_name(), []
        schema = schema_of(table)
        kind = self.random.choice(["range", "list", "hash", "two levels"])
        key = "id" if kind != "list" else "k"
        by = {"range": "RANGE (id)", "list": "LIST (k)", "hash": "HASH (id)", "two levels": "RANGE (id)"}[kind]
        sql.append(f"CREATE TABLE {table} (id int NOT NULL, k int NOT NULL, t text) PARTITION BY {by};")
        parts = [f"{schema}.{self.name()}" for _ in range(3)]
        if kind in ("range", "two levels"):
            sql.append(f"CREATE TABLE {parts[0]} PARTITION OF {table} FOR VALUES FROM (0) TO (100);")
            if kind == "two levels":
                sql.append(f"CREATE TABLE {parts[1]} PARTITION OF {table} FOR VALUES FROM (100) TO (200) PARTITION BY LIST (k);")
                sql += [f"CREATE TABLE {schema}.{self.name()} PARTITION OF {parts[1]} FOR VALUES IN (0, 1);",
                        f"CREATE TABLE {schema}.{self.name()} PARTITION OF {parts[1]} DEFAULT;"]
            else:
                # Attached, with another order of columns.
                sql += [f"CREATE TABLE {parts[1]} (t text, k int NOT NULL, id int NOT NULL);",
                        f"ALTER TABLE {table} ATTACH PARTITION {parts[1]} FOR VALUES FROM (100) TO (200);"]
            sql.append(f"CREATE TABLE {parts[2]} PARTITION OF {table} DEFAULT;")
        elif kind == "list":
            sql += [f"CREATE TABLE {parts[0]} PARTITION OF {table} FOR VALUES IN (0);",
                    f"CREATE TABLE {parts[1]} PARTITION OF {table} FOR VALUES IN (1, 2);",
                    f"CREATE TABLE {parts[2]} PARTITION OF {table} DEFAULT;"]
        else:
            sql += [f"CREATE TABLE {part} PARTITION OF {table} FOR VALUES WITH (MODULUS 3, REMAINDER {at});" for at, part in enumerate(parts)]
        sql.append(f"INSERT INTO {table} SELECT i, i % 5, {self.text()} FROM generate_series(1, {self.rows()}) i;")
        if self.chance(0.7):
            columns = "id" if key == "id" and kind != "two levels" else "id, k"
            sql.append(f"ALTER TABLE {table} ADD PRIMARY KEY ({columns});")
            if self.chance(0.6):
                other = self.table_name()
                sql += [f"CREATE TABLE {other} (x int, y int, FOREIGN KEY ({'x' if columns == 'id' else 'x, y'}) REFERENCES {table});",
                        f"INSERT INTO {other} SELECT id, k FROM {table} LIMIT 20;"]
        if self.chance(0.7):
            sql.append(f"CREATE INDEX {self.name()} ON {table} (t, id);")
        if self.chance(0.3):
            sql.append(f"CREATE INDEX {self.name()} ON ONLY {table} (k);")
        if self.chance(0.3):
            sql.append(f"CREATE INDEX {self.name()} ON {parts[0]} (k DESC);")
        if self.chance(0.4):
            sql += [f"CREATE FUNCTION {schema}.{ident(f'trg_{self.count}')}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;",
                    f"CREATE TRIGGER {self.name()} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {schema}.{ident(f'trg_{self.count - 1}')}();"]
            if self.chance(0.5):
                sql.append(f"ALTER TABLE {parts[0]} DISABLE TRIGGER USER;")
        if self.chance(0.3):
            other = self.table_name()
            sql += [f"CREATE TABLE {other} (id int PRIMARY KEY);", f"INSERT INTO {other} SELECT generate_series(0, 5000);",
                    f"ALTER TABLE {table} ADD FOREIGN KEY (k) REFERENCES {other};"]
        return sql

    def inheritance(self):
        parent, child = self.table_name(), self.table_name()
        return [f"CREATE TABLE {parent} (a int CHECK (a > 0) NO INHERIT, b text DEFAULT 'x');",
                f"CREATE TABLE {child} (c date, b text DEFAULT 'y') INHERITS ({parent});",
                f"INSERT INTO {parent} SELECT i, {self.text()} FROM generate_series(1, {self.rows()}) i;",
                f"INSERT INTO {child} SELECT -i, {self.text()}, '2026-01-01' FROM generate_series(1, {self.rows()}) i;",
                f"CREATE INDEX {self.name()} ON {child} (a);",
                f"ALTER TABLE {parent} ADD CONSTRAINT {self.name()} CHECK (b <> 'never') NOT VALID;"]

    def types(self):
        enum, composite, domain, span, table = (self.table_name() for _ in range(5))
        return [f"CREATE TYPE {enum} AS ENUM ('a', {self.text() if self.chance(0.0) else literal('it''s ü')}, 'c');",
                f"CREATE TYPE {composite} AS (x int, y text, e {enum});",
                f"CREATE DOMAIN {domain} AS text DEFAULT 'd' NOT NULL CHECK (length(VALUE) < 5000);",
                f"CREATE TYPE {span} AS RANGE (SUBTYPE = float8);",
                f"COMMENT ON TYPE {enum} IS {self.text()};",
                f"CREATE TABLE {table} (e {enum}[], c {composite}, d {domain}, s {span}, EXCLUDE USING gist (s WITH &&));",
                f"INSERT INTO {table} SELECT ARRAY['a', 'c']::{enum}[], ROW(i, {self.text()}, 'a')::{composite}, {self.text()} || 'z', "
                f"{span}(i, i + 0.5) FROM generate_series(1, {self.rows()}) i;"]

    def own_code(self):
        """Checks and indexes that call functions which read other tables, although they should not.

        Only tables loaded one after the other survive that; `pg_restore --jobs` would fail."""
        # pg_dump loads tables by name: only so does psql succeed.
        self.count += 1
        looked_up, table = f"public.a_looked_up_{self.count}", f"public.z_looks_{self.count}"
        function, domain = self.table_name(), self.table_name()
        return [f"CREATE TABLE {looked_up} (id int);", f"INSERT INTO {looked_up} SELECT generate_series(1, 500);",
                f"CREATE FUNCTION {function}(i int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS "
                f"$f$BEGIN RETURN EXISTS (SELECT FROM {looked_up} WHERE id = i); END$f$;",
                f"CREATE DOMAIN {domain} AS int CHECK ({function}(VALUE));",
                f"CREATE TABLE {table} (a int CHECK ({function}(a)), b {domain}, c boolean GENERATED ALWAYS AS ({function}(a)) STORED);",
                f"INSERT INTO {table} SELECT i, i FROM generate_series(1, {self.rows()}) i;",
                f"CREATE INDEX {self.name()} ON {table} (({function}(a)));",
                f"CREATE INDEX {self.name()} ON {table} (a) WHERE {function}(a);"]

    def foreign_keys(self):
        one, other, both = self.table_name(), self.table_name(), self.table_name()
        rows = self.rows()
        sql = [f"CREATE TABLE {one} (id int PRIMARY KEY, parent int, buddy int);", f"CREATE TABLE {other} (id int PRIMARY KEY, friend int);",
               f"CREATE TABLE {both} (a int, b int, c text, UNIQUE (a, b));",
               f"INSERT INTO {one} SELECT i, nullif(i - 1, 0), i FROM generate_series(1, {rows}) i;",
               f"INSERT INTO {other} SELECT i, i FROM generate_series(1, {rows}) i;",
               f"INSERT INTO {both} SELECT i, i, {self.text()} FROM generate_series(1, {rows}) i;",
               f"ALTER TABLE {one} ADD CONSTRAINT {self.name()} FOREIGN KEY (parent) REFERENCES {one} ON DELETE CASCADE;",
               f"ALTER TABLE {one} ADD CONSTRAINT {self.name()} FOREIGN KEY (buddy) REFERENCES {other} DEFERRABLE INITIALLY DEFERRED;",
               f"ALTER TABLE {other} ADD CONSTRAINT {self.name()} FOREIGN KEY (friend) REFERENCES {one} ON UPDATE SET NULL;",
               f"ALTER TABLE {other} ADD CONSTRAINT {self.name()} FOREIGN KEY (friend, id) REFERENCES {both} (b, a) MATCH FULL;"]
        if self.chance(0.5):
            sql.append(f"CREATE INDEX {self.name()} ON {other} (friend, id);")
        if self.chance(0.3):
            sql += [f"ALTER TABLE {both} ADD CONSTRAINT {self.name()} FOREIGN KEY (a) REFERENCES {one} NOT VALID;",
                    f"INSERT INTO {both} (c) VALUES ('dangling');"]
        if self.chance(0.5):
            sql.append(f"COMMENT ON TABLE {one} IS {self.text()};")
        return sql

    def views(self):
        table, view, first, second = (self.table_name() for _ in range(4))
        sql = [f"CREATE TABLE {table} (id int PRIMARY KEY, t text, n int);",
               f"INSERT INTO {table} SELECT i, {self.text()}, i % 7 FROM generate_series(1, {self.rows()}) i;",
               f"CREATE VIEW {view} WITH (security_barrier) AS SELECT id, t, count(*) OVER () AS c FROM {table} WHERE n > 1;",
               # Depends on the primary key: dumped after it.
               f"CREATE VIEW {self.table_name()} AS SELECT id, t, sum(n) AS s FROM {table} GROUP BY id;",
               f"CREATE MATERIALIZED VIEW {first} AS SELECT n, count(*) AS c FROM {table} GROUP BY n;",
               f"CREATE MATERIALIZED VIEW {second} AS SELECT max(c) AS m FROM {first}{' WITH NO DATA' if self.chance(0.3) else ''};",
               f"CREATE UNIQUE INDEX {self.name()} ON {first} (n);", f"COMMENT ON VIEW {view} IS {self.text()};"]
        if self.chance(0.5):
            sql.append(f"CREATE RULE {self.name()} AS ON INSERT TO {view} DO INSTEAD (INSERT INTO {table} VALUES (NEW.id, 'a;b', 1); "
                       f"UPDATE {table} SET n = 2 WHERE id = NEW.id);")
        return sql

    def functions(self):
        table, f, g, p, a = (self.table_name() for _ in range(5))
        operator_schema = self.random.choice(self.schemas)
        sql = [f"CREATE TABLE {table} (id int);",
               f"CREATE FUNCTION {f}(x int, y text DEFAULT {self.text()}) RETURNS int LANGUAGE sql IMMUTABLE AS $body$ SELECT x + 1; -- ; ' $body$;",
               f"CREATE FUNCTION {g}(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN x > 1 THEN 1 ELSE 2 END; SELECT x; END;",
               f"CREATE PROCEDURE {p}(x int) LANGUAGE plpgsql AS 'BEGIN IF x > 1 THEN INSERT INTO {table.replace(chr(39), chr(39) * 2)} VALUES (x); END IF; END';",
               f"CREATE AGGREGATE {a}(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');",
               f"CREATE OPERATOR {operator_schema}.{self.random.choice(['===', '@@@', '<~>'])} (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);",
               f"GRANT EXECUTE ON FUNCTION {f} TO alice;", f"COMMENT ON FUNCTION {f} IS {self.text()};"]
        if self.chance(0.4):
            composite = self.table_name()
            sql += [f"CREATE TYPE {composite} AS (v int);",
                    f"CREATE FUNCTION {operator_schema}.{ident(f'to_c_{self.count}')}(int) RETURNS {composite} LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1)::{composite.replace(chr(39), chr(39) * 2)}';",
                    f"CREATE CAST (int AS {composite}) WITH FUNCTION {operator_schema}.{ident(f'to_c_{self.count}')}(int);"]
        return sql

    def triggers(self):
        table, function = self.table_name(), self.table_name()
        quiet = self.name()
        sql = [f"CREATE TABLE {table} (id int PRIMARY KEY, t text);", f"INSERT INTO {table} SELECT i, {self.text()} FROM generate_series(1, {self.rows()}) i;",
               f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.t := 'changed by a trigger'; RETURN NEW; END $$;",
               f"CREATE TRIGGER {self.name()} BEFORE INSERT OR UPDATE OF t ON {table} FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION {function}();",
               f"CREATE TRIGGER {quiet} BEFORE DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}('a', {literal('b;c')});",
               f"ALTER TABLE {table} {self.random.choice(['DISABLE', 'ENABLE ALWAYS', 'ENABLE REPLICA'])} TRIGGER {quiet};",
               f"CREATE CONSTRAINT TRIGGER {self.name()} AFTER INSERT ON {table} DEFERRABLE FOR EACH ROW EXECUTE FUNCTION {function}();",
               f"COMMENT ON TRIGGER {quiet} ON {table} IS {self.text()};"]
        if self.chance(0.5):
            sql += [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;",
                    f"CREATE POLICY {self.name()} ON {table} AS RESTRICTIVE FOR SELECT TO alice USING (id > 3 AND EXISTS (SELECT FROM {table} x));"]
        return sql

    def event_trigger(self):
        function = self.table_name()
        trigger = self.name()
        return [f"CREATE FUNCTION {function}() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it has fired'; END $$;",
                f"CREATE EVENT TRIGGER {trigger} ON ddl_command_end WHEN TAG IN ('CREATE INDEX', 'CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION {function}();",
                f"COMMENT ON EVENT TRIGGER {trigger} IS {self.text()};"] + ([f"ALTER EVENT TRIGGER {trigger} ENABLE ALWAYS;"] if self.chance(0.3) else [])

    def publications(self):
        table = self.table_name()
        return [f"CREATE TABLE {table} (id int PRIMARY KEY, t text);",
                f"CREATE PUBLICATION {self.name()} FOR TABLE ONLY {table} (id) WHERE (id > 5) WITH (publish = 'insert');",
                self.random.choice([f"CREATE PUBLICATION {self.name()} FOR ALL TABLES;", f"CREATE PUBLICATION {self.name()} FOR TABLES IN SCHEMA public;"]),
                f"CREATE SUBSCRIPTION {self.name()} CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);"]

    def extensions(self):
        sql = []
        for extension in self.random.sample(["citext", "hstore", "pg_trgm", "btree_gist", "ltree", "uuid-ossp", "intarray"], 2):
            sql.append(f"CREATE EXTENSION {ident(extension)}{' SCHEMA ' + self.random.choice(self.schemas) if self.chance(0.3) else ''};")
        return sql

    def large_objects(self):
        sql = []
        for _ in range(self.random.randint(1, 3)):
            number = self.random.randint(50000, 60000) * 10 + self.count % 10
            self.count += 1
            sql += [f"SELECT lo_from_bytea({number}, decode(repeat(md5('{number}'), {self.random.choice([0, 1, 3000])}), 'hex'));"]
            if self.chance(0.5):
                sql += [f"COMMENT ON LARGE OBJECT {number} IS {self.text()};", f"GRANT SELECT ON LARGE OBJECT {number} TO alice;",
                        f"ALTER LARGE OBJECT {number} OWNER TO alice;"]
        return sql

    def sequences(self):
        table, free = self.table_name(), self.table_name()
        owned = f"{schema_of(table)}.{self.name()}"
        return [f"CREATE TABLE {table} (id serial, x int);", f"CREATE SEQUENCE {owned} AS smallint OWNED BY {table}.x;",
                f"CREATE SEQUENCE {free} START -5 INCREMENT -1 MAXVALUE 5 CYCLE CACHE 3;", f"SELECT nextval({literal(free)});",
                f"INSERT INTO {table} (x) SELECT i FROM generate_series(1, {self.rows()}) i;", f"SELECT setval({literal(owned)}, 77, false);",
                f"GRANT USAGE ON SEQUENCE {free} TO PUBLIC;"]

    def default_privileges(self):
        return [f"ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA {self.random.choice(self.schemas)} GRANT SELECT ON TABLES TO {ident('Bob Ü')};",
                "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO alice;", "GRANT CREATE ON SCHEMA public TO alice;",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC;"]

    def text_search(self):
        return [f"CREATE TEXT SEARCH CONFIGURATION {self.table_name()} (COPY = simple);",
                f"CREATE TEXT SEARCH DICTIONARY {self.table_name()} (TEMPLATE = snowball, LANGUAGE = german);",
                f"CREATE COLLATION {self.table_name()} (LOCALE = 'C');"]

    def foreign_data(self):
        wrapper, server, table = self.name(), self.name(), self.table_name()
        return [f"CREATE FOREIGN DATA WRAPPER {wrapper} OPTIONS (debug 'true');", f"CREATE SERVER {server} FOREIGN DATA WRAPPER {wrapper} OPTIONS (host {self.text()});",
                f"CREATE USER MAPPING FOR alice SERVER {server} OPTIONS (password {literal('se;cret')});",
                f"CREATE FOREIGN TABLE {table} (id int OPTIONS (x 'y'), t text) SERVER {server};", f"GRANT USAGE ON FOREIGN SERVER {server} TO alice;"]

    def large_table(self):
        """Large enough to be loaded frozen."""
        table = self.table_name()
        return [f"CREATE TABLE {table} (id int PRIMARY KEY, t text);",
                f"INSERT INTO {table} SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 3000) i;", f"CREATE INDEX {self.name()} ON {table} (t);"]

    FEATURES = ["schema", "plain_table", "plain_table", "clustered_table", "odd_tables", "partitions", "partitions", "inheritance", "types",
                "own_code", "foreign_keys", "views", "functions", "triggers", "event_trigger", "publications", "extensions", "large_objects",
                "sequences", "default_privileges", "text_search", "foreign_data", "large_table"]

    def generate(self):
        chosen = [feature for feature in self.FEATURES if self.chance(0.45)]
        self.random.shuffle(chosen)
        # An event trigger would fire on what comes after it here, too.
        chosen.sort(key=lambda feature: feature == "event_trigger")
        lines = ["SET client_min_messages = warning;", "SET client_encoding = 'UTF8';"]
        for feature in chosen:
            lines += getattr(self, feature)()
        return chosen, "\n".join(lines) + "\n"
