"""What readers and their programs see: pages, feeds, citations. Uses ``library`` only.

``app.create_app`` makes the web application; ``routes`` lists every address on one screen.
"""
