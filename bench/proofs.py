"""The benchmark of the proofs (`bench/run proofs`): `rulegen test` for a policy of 100 SLOs.

The SLOs of 25 services, four of each: availability, two latencies and a gauge, with one of five objectives and three
ways of guarding against little traffic. Many differ in nothing but the name and the series they read; rulegen has
promtool prove those once. With --distinct a second policy gives each SLO an objective of its own, so that hardly
anything is shared: it takes minutes.
"""
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time

SERVICES = 25
SECONDS = 60  # the goal, for all of them
OBJECTIVES = ('99.95', '99.9', '99.5', '99', '95')
GUARDS = ('', '    min_errors: 5\n', '    min_errors: 20\n    min_events: 100\n')
EXTRAS = ('', '    no_traffic: {alert: NoTraffic, severity: warning}\n', '    budget_low: {below: 10%, severity: warning}\n')
HEAD = '''version: 1
service: bench
runbook_url: https://example.org/{runbook}
dashboard_url: https://grafana.example.org/d/{uid}
prometheus: {scrape_interval: 15s}
slos:
'''
KINDS = {
    'availability': 'events: {total: {metric: fleet_http_requests_total, where: {component: COMPONENT}}, '
                    'bad: {where: {code: {matches: "5.."}}}}',
    'fast': 'latency: {metric: fleet_http_request_duration_seconds, where: {component: COMPONENT}, below: 50ms}',
    'slow': 'latency: {metric: fleet_http_request_duration_seconds, where: {component: COMPONENT}, below: 1s}',
    'up': 'boolean: {metric: up, where: {job: COMPONENT}}',
}


def policy(objective_of):
    """`objective_of`: from the numbers of service and kind to an objective."""
    text = HEAD
    for service in range(SERVICES):
        name = f'service-{service:02}'
        for number, (kind, sli) in enumerate(KINDS.items()):
            text += (f'  - name: {name}-{kind}\n    runbook: r\n    objective: {objective_of(service, number)}\n'
                     f'    sli: {{{sli.replace("COMPONENT", name)}}}\n')
            if kind != 'up':
                text += GUARDS[service % len(GUARDS)] + EXTRAS[service // 2 % len(EXTRAS)]
    return text


def few_objectives(service, number):
    return OBJECTIVES[(service + number) % len(OBJECTIVES)]


def many_objectives(service, number):
    """99.50 to 99.995, no two the same."""
    return f'{99.5 + (service * len(KINDS) + number) * 0.005:.3f}'


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def prove(rulegen, text):
    """Seconds, seconds of CPU, and in words how many proofs there were."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'policies.yaml'
        path.write_text(text)
        common = ['--policy', path, '--output-dir', folder]
        subprocess.run([rulegen, 'build', *common], check=True, stdout=subprocess.DEVNULL)
        began, used = time.monotonic(), cpu_of_children()
        # On a terminal rulegen counts the proofs that are done.
        said = subprocess.run([rulegen, 'test', *common], check=True, stdout=subprocess.PIPE, text=True).stdout
        return (time.monotonic() - began, cpu_of_children() - used, re.search(r'\d+ proofs with \d+ cases', said).group())


def run(options, results, tools):
    slos = SERVICES * len(KINDS)
    policies = [('5 objectives', few_objectives, options.rounds, True)]
    if options.distinct:
        policies.append(('100 objectives', many_objectives, 1, False))
    for objectives, objective_of, rounds, is_goal in policies:
        taken = []
        for round_number in range(rounds):
            tools.say(f'proofs of {objectives}: round {round_number + 1} of {rounds}')
            taken.append(prove(tools.RULEGEN, policy(objective_of)))
        for column, what, goal in ((0, 'ms an SLO', SECONDS), (1, 'CPU ms an SLO', SECONDS * os.cpu_count())):
            seconds = statistics.median(times[column] for times in taken)
            results.append({'what': 'proofs', 'case': f'{slos} SLOs, {objectives}: {taken[0][2]}', 'figure': what,
                            'ours': seconds / slos * 1e3, 'peer': goal / slos * 1e3, 'ratio': goal / seconds,
                            'goal': 1 if is_goal and column == 0 else None, 'peer_name': 'a minute of all processors'})
