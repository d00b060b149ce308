"""The demo's review floor: what people of every role did on it lately, and what they go on doing.

`floor` writes it once, before the history is played; `living` keeps it moving. Every write goes through the
service that people use, under the name of an invented person, so that audit entries, changes and facts
follow.
An operation without simulation never runs this.
"""
