-- The database's own guard of data boundaries. A role `…_inside_<boundary>` may read what lies in it; the role
-- `…_outside` only what lies in none. Names carry a mark of the database: roles belong to the whole server.
CREATE FUNCTION people_role_name(tail text) RETURNS name LANGUAGE sql STABLE AS $$
    SELECT ('watchfloor_' || substr(md5(current_database()), 1, 8) || '_' ||
            CASE WHEN length(tail) > 40 THEN substr(md5(tail), 1, 32) ELSE tail END)::name
$$;

-- The boundaries that the current role may read.
CREATE FUNCTION people_seen_boundaries() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(b.slug::text), '{}') FROM people_databoundary b
    WHERE pg_has_role(current_user, to_regrole(quote_ident(people_role_name('inside_' || b.slug)))::oid, 'member')
$$;

-- Makes a role once. Two transactions may both try: the second finds it there.
CREATE FUNCTION people_make_role(role_name name, VARIADIC within name[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held name;
BEGIN
    IF to_regrole(quote_ident(role_name)) IS NULL THEN
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
    FOREACH held IN ARRAY within LOOP
        EXECUTE format('GRANT %I TO %I', held, role_name);
    END LOOP;
    IF NOT pg_has_role(current_user, role_name, 'member') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
    END IF;
END $$;

-- Makes the roles of every boundary, and lets them read. `_outside` and `_inside_…` are for reports: they
-- read no accounts, sessions, tokens or wellbeing. `_page…` are what a page takes on; it reads every table.
CREATE FUNCTION people_make_boundary_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    outside name := people_role_name('outside');
    page name := people_role_name('page');
    boundary text;
    held record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('people_make_boundary_roles'));
    PERFORM people_make_role(outside, VARIADIC '{}'::name[]);
    PERFORM people_make_role(page, VARIADIC '{}'::name[]);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I, %I', outside, page);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA public TO %I, %I', outside, page);
    FOR held IN
        SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND (
            tablename IN ('django_session', 'people_user', 'people_signinlink', 'people_apiclient',
                          'enforcement_endpoint', 'review_draft')
            OR tablename ~ '^(account|socialaccount|auth|wellbeing|procrastinate)_')
    LOOP
        EXECUTE format('REVOKE ALL ON %I FROM %I', held.tablename, outside);
    END LOOP;
    FOR boundary IN SELECT slug FROM people_databoundary ORDER BY slug LOOP
        PERFORM people_make_role(people_role_name('inside_' || boundary), outside);
        PERFORM people_make_role(people_role_name('page_' || boundary), page,
                                 people_role_name('inside_' || boundary));
    END LOOP;
END $$;

-- Guards a table: other roles than its owner read only the rows for which `seen` holds.
CREATE FUNCTION people_guard_table(guarded regclass, seen text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF obj_description((SELECT oid FROM pg_policy WHERE polrelid = guarded AND polname = 'data_boundary'),
                       'pg_policy') = md5(seen) THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP POLICY IF EXISTS data_boundary ON %s', guarded);
    EXECUTE format('CREATE POLICY data_boundary ON %s FOR SELECT USING (%s)', guarded, seen);
    EXECUTE format('COMMENT ON POLICY data_boundary ON %s IS %L', guarded, md5(seen));
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    RETURN true;
END $$;
