"""`python -m owlbus`."""

from owlbus.main import main

if __name__ == "__main__":
    main()
