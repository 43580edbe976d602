"""Prints what `make bench` measures, beside what it should be."""

from benchmarks.memory import measure_memory
from benchmarks.rerun import measure_rerun
from benchmarks.throughput import measure_throughput


def main() -> None:
    """Measure all, one after the other, and print a table."""
    bare, whole, ratio = measure_throughput()
    script_ms, collection_ms = measure_rerun()
    before_mb, after_mb = measure_memory()
    print("| what | measured | should be |")
    print("|---|---|---|")
    print(f"| whole path / bare loop, images per second | {ratio:.2f} ({whole:.0f} / {bare:.0f}) | at least 0.50 |")
    print(f"| rerun with 12 cards, script + collection | {script_ms:.1f} + {collection_ms:.1f} ms | at most 30 ms |")
    print(
        f"| kept after 50 x 1 MB | {after_mb - before_mb:.0f} MB ({before_mb:.0f} to {after_mb:.0f}) | at most 120 MB |"
    )


if __name__ == "__main__":
    main()
