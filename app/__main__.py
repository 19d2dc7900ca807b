"""`python -m app VERB`: the command line, quiet also when Ctrl+C comes while it loads."""

import sys

if __name__ == "__main__":
    try:
        from app.command_line import main
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing was changed.\n")
        sys.exit(130)
    sys.exit(main())
