"""Prints what `make bench` measures, beside what it should be."""

from benchmarks.comparison import measure_comparison
from benchmarks.history import measure_history
from benchmarks.image_places import measure_image_places
from benchmarks.memory import measure_memory
from benchmarks.people import measure_people
from benchmarks.report import measure_report
from benchmarks.rerun import measure_rerun
from benchmarks.review import measure_review
from benchmarks.throughput import measure_throughput
from benchmarks.verdicts import print_verdicts


def main() -> None:
    """Measure all, one after the other, and print a table."""
    print("| what | measured | should be |")
    print("|---|---|---|")
    bare, whole, ratio = measure_throughput()
    print(f"| whole path / bare loop, images per second | {ratio:.2f} ({whole:.0f} / {bare:.0f}) | at least 0.50 |")
    print(f"| rerun with 12 cards | {measure_rerun():.1f} ms | at most 30 ms |")
    before_mb, most_mb, after_mb = measure_memory()
    most = f"{most_mb - before_mb:.0f} MB above {before_mb:.0f}"
    print(f"| most memory of all processes, upload of 200 x 2.5 MB | {most} | at most 200 MB |")
    print(f"| the same, when the page was left | {after_mb - before_mb:.0f} MB | at most 120 MB |")
    _print_history()
    taken_s, labeled, groups = measure_comparison()
    print(f"| compare {labeled} labeled images in {groups} groups | {taken_s:.2f} s | at most 1 s |")
    taken_s, size_mb = measure_report()
    print(f"| report of 500 images | {taken_s:.1f} s, {size_mb:.1f} MB | under 5 s, 15 MB |")
    print(f"| from a key to the next of 1,000 images | {measure_review():.0f} ms | at most 300 ms |")
    _print_image_places()
    _print_people()
    print_verdicts()


def _print_image_places() -> None:
    folder_ms, s3_ms, first_ms = measure_image_places()
    measured = f"{s3_ms / folder_ms:.1f} x ({s3_ms:.1f} ms / {folder_ms:.1f} ms; for the first time {first_ms:.0f} ms)"
    print(f"| 12 thumbnails in S3 behind 20 ms / in a folder | {measured} | at most 2 x |")


def _print_people() -> None:
    crowd = measure_people()
    measured = f"{crowd.p95_ms:.0f} ms ({crowd.actions_per_s:.1f} actions a second, {len(crowd.troubles)} failed)"
    print(f"| 20 people, an action a second each, 95% answered within | {measured} | at most 150 ms, none failed |")


def _print_history() -> None:
    for search, (few_ms, many_ms) in measure_history().items():
        measured = f"{many_ms:.0f} ms ({few_ms:.0f} ms with 1,000: {many_ms / few_ms:.1f} x)"
        print(f"| History with 100,000 records, {search} | {measured} | at most 60 ms, 2 x |")


if __name__ == "__main__":
    main()
