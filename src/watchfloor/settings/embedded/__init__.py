"""Our own PostgreSQL: a real server over the wheel's programs, started beside the operation.

`places` says where its files stand, `binaries` finds the programs, `identity` which user runs them, `cluster`
makes the database's directory, `leftovers` clears what a killed server left, `launcher` and `processes` tie a
program's life to ours, `ownership` keeps second owners out, `server` starts and stops it all.
"""
