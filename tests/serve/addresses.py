"""The pages of the sample edition that every check of pages goes through."""

PAGES = (
    "/",
    "/edition/2026-03-17",
    "/edition/2026-03-14",
    "/edition/2026-03-17/cs.CV",
    "/archive",
    "/archive/2026-03",
    "/archive/2026-W12",
    "/search",
    "/search?q=language+agents",
    "/papers/2602.22839",
    "/papers/2602.22839/similar",
    "/papers/2602.22839/similar?by=method",
    "/authors/hao-zheng",
    "/desk",
    "/desk/start",
    "/desk/delete",
    "/following",
    "/papers/2602.22839/marks",
    "/about",
)
