-- Undoes boundary_roles.sql; the roles stay, other databases of the server may not be asked.
DROP FUNCTION people_guard_table(regclass, text);
DROP FUNCTION people_make_boundary_roles();
DROP FUNCTION people_make_role(name, name[]);
DROP FUNCTION people_seen_boundaries();
DROP FUNCTION people_role_name(text);
