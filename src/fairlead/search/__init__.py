"""The search language: text to tree, tree to canonical text, tree to true or false for one record.

Start with `docs/search.md` for what a query means, `grammar.lark` for what one looks like,
`tree` for what one becomes, `match` for when it holds. Not here: which keys a deployment or
a failure has, and any SQL; a record answers for its own keys, and the store translates trees.
"""
