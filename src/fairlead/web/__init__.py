"""Pages for people: the dialect that people speak. One module and one template for each page.

What every page is alike in is in `visit.py` (who looks), `drawing.py` (how a page is drawn) and
`forms.py` (what a form says). Not here: anything a page shows, which use cases answer.
"""
