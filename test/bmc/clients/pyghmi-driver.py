"""Carries out operations through pyghmi: a JSON request a line on standard input, a JSON answer a line out."""
import json
import os
import sys
import time

from pyghmi.ipmi import command, console


def talk(where, line, awaited):
    """Types a line at the serial console and answers what was seen by the time that `awaited` was."""
    seen = []

    def heard(data):
        if not isinstance(data, dict):
            seen.append(data if isinstance(data, bytes) else data.encode())

    where = {key: value for key, value in where.items() if key != 'privlevel'}
    terminal = console.Console(iohandler=heard, **where)
    deadline, sent = time.time() + 10, False
    while awaited.encode() not in b''.join(seen):
        if time.time() > deadline:
            raise Exception('only seen: %r' % seen)
        terminal.wait_for_rsp(0.2)
        if terminal.connected and not sent:
            terminal.send_data(line)
            sent = True
    terminal.close()
    return b''.join(seen).decode()


def checked(answer):
    if 'error' in answer:
        raise Exception(answer['error'])
    return answer


operations = {
    'status': lambda bmc: bmc.get_power()['powerstate'],
    'power': lambda bmc, action: checked(bmc.set_power(action)),
    'setboot': lambda bmc, device, persistent: checked(bmc.set_bootdev(device, persist=persistent)),
    'readboot': lambda bmc: bmc.get_bootdev(),
    'info': lambda bmc: bmc.get_inventory_of_component('System'),
    'sensors': lambda bmc: [dict(name=s.name, value=s.value, states=s.states) for s in bmc.get_sensor_data()],
    'log': lambda bmc: list(bmc.get_event_log()),
    'fru': lambda bmc: list(bmc.get_inventory()),
    'lan': lambda bmc: bmc.get_net_configuration(),
    'users': lambda bmc: bmc.get_users(),
}


sessions = {}


def carry_out(request):
    where = request['where']
    if request['operation'] == 'console':
        return talk(where, *request['words'])
    key = json.dumps(where, sort_keys=True)
    # One session for each log-in: pyghmi cannot log in again after a log-out.
    if key not in sessions:
        sessions[key] = command.Command(**where)
    return operations[request['operation']](sessions[key], *request['words'])


for text in sys.stdin:
    try:
        answer = {'answer': carry_out(json.loads(text))}
    except Exception as error:
        answer = {'error': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(answer, default=str), flush=True)
for bmc in sessions.values():
    bmc.ipmi_session.logout()
# pyghmi's threads outlive the work.
os._exit(0)
