"""Turns what the test runner wrote (subunit, version 2) into a table.

    results.py STREAM TABLE

Lines of TABLE: passed, failed or skipped; seconds; the test; why. A class that was left out or failed as a whole has
one line, `setUpClass (its name)`. To be run with the Python of the environment that requirements.txt describes.
"""
import re
import sys

import subunit
import testtools

LONGEST = 400
OUTCOMES = {'success': 'passed', 'xfail': 'passed', 'skip': 'skipped'}


def reason(case):
    """The reason of a skip, or the message of the exception, in one line."""
    details = case['details']
    if 'reason' in details:
        text = details['reason'].as_text()
    else:
        traces = [details[name].as_text() for name in details if 'traceback' in name]
        # The lines of the stack are indented; the message is what follows the last of them.
        text = re.split(r'\n(?=[^\s])', traces[-1].rstrip())[-8:] if traces else []
        starts = [at for at, line in enumerate(text) if re.match(r'[\w.]+(: |$)', line) and not line.startswith('Traceback')]
        text = ' '.join(text[starts[0]:] if starts else text)
    return re.sub(r'\s+', ' ', text).strip()[:LONGEST]


def main():
    stream, table = sys.argv[1:]
    rows = {}

    def take(case):
        if case['status'] == 'exists':
            return
        outcome = OUTCOMES.get(case['status'], 'failed')
        first, last = case['timestamps']
        seconds = (last - first).total_seconds() if first and last else 0.0
        # Tempest puts the attributes of a test behind its name.
        name = re.sub(r'\[[^\]]*\]$', '', case['id'])
        rows[case['id']] = (outcome, f'{seconds:.1f}', name, '' if outcome == 'passed' else reason(case))

    result = testtools.StreamToDict(take)
    result.startTestRun()
    with open(stream, 'rb') as file:
        subunit.ByteStreamToStreamResult(file, non_subunit_name='stdout').run(result)
    result.stopTestRun()
    with open(table, 'w') as file:
        for row in sorted(rows.values(), key=lambda row: row[2]):
            print(*row, sep='\t', file=file)


main()
