/*
 * The names of what a lab is made of. Whoever compares a running lab with its plan and whoever changes a lab on purpose
 * call the same thing by the same name.
 */
import { type Flow, formatFlow } from '../../ovs/flow.ts';

/** A rule without its actions: `table=0,priority=2,in_port=int-br-eth2`. */
export function ruleWords(flow: Flow): string {
  return formatFlow(flow)
    .replace(/^cookie=[^,]*,/, '')
    .replace(/,actions=.*$/, '');
}

export function ruleThing(bridge: string, flow: Flow): string {
  return `rule ${bridge} ${ruleWords(flow)}`;
}

export function portThing(port: string): string {
  return `port ${port}`;
}

export function tagThing(port: string): string {
  return `tag ${port}`;
}

export function peerThing(port: string): string {
  return `peer ${port}`;
}

export function deviceThing(device: string): string {
  return `device ${device}`;
}

export function hostEntryThing(mac: string): string {
  return `dhcp-host ${mac}`;
}

/** An option that a network's dnsmasq gives out, by the words that select it: `tag:tag0,option:router`. */
export function dhcpOptionThing(network: string, selection: string): string {
  return `dhcp-option ${network} ${selection}`;
}

/** A word of dnsmasq's command line, without its value: `--dhcp-range`. */
export function dhcpServerThing(network: string, word: string): string {
  return `dnsmasq ${network} ${word}`;
}

/** A rule of a router's packet filter: its chain and its number there, from 1. */
export function natRuleThing(router: string, chain: string, number: number): string {
  return `nat ${router} ${chain} ${number}`;
}

export function forwardingThing(router: string): string {
  return `forwarding ${router}`;
}

/** What a server's BMC answers to a command, by the name that the specification gives it. */
export function ipmiAnswerThing(server: string, command: string): string {
  return `ipmi ${server} ${command}`;
}
