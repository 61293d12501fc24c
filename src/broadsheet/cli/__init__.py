"""The command line. The only place that prints."""

from __future__ import annotations

import os
import sys

from broadsheet.errors import BroadsheetError, exit_code


def main() -> None:
    """Run a command; an expected error is one sentence on standard error and a code from errors.CODES."""
    # Our matrices are small: a second thread costs more than it brings, and takes a core from other readers.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from broadsheet.cli.app import app  # noqa: PLC0415  keeps `import broadsheet.cli` free of side effects

    try:
        app(standalone_mode=True)
    except BroadsheetError as error:
        if os.environ.get("BROADSHEET_DEBUG"):
            raise
        print(f"broadsheet: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output left (`broadsheet search … | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
