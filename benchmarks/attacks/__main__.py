"""The command: see the package docstring for its use."""

from benchmarks.attacks.run import main

if __name__ == "__main__":
    main()
