"""`python -m tests.fuzz.guided TARGET SECONDS SEED FOLDER MODULES`: one target under atheris, guided by coverage.

Atheris ends the process it runs in, so each target has one of its own. It is a CPython extension for Linux: `make fuzz`
installs it in an environment of its own, and nothing else needs it.
"""

import sys

import atheris


def main() -> None:
    """Run until the time is over, or until an input breaks a promise: atheris writes that one to FOLDER."""
    name, seconds, seed, folder, modules = sys.argv[1:6]
    with atheris.instrument_imports(include=modules.split(","), enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target = next(each for each in TARGETS if each.name == name)
    options = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048"]
    options += [f"-artifact_prefix={folder}/", "-print_final_stats=1", "-verbosity=1"]
    atheris.Setup([sys.argv[0], *options, f"{folder}/corpus"], target.try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
