import { expect, it } from 'vitest';
import { Redaction } from '../../src/bundle/redaction.ts';

it('knows the secrets it was given, the longer first', () => {
  const redaction = new Redaction(['abcdef', 'abcdefgh']);
  expect(redaction.text('abcdefgh, abcdef')).toBe('******, ******');
});

it('does not take what is too short for a secret', () => {
  expect(new Redaction(['a', '']).text('a banana')).toBe('a banana');
});

it.each([
  ['kernel arguments', 'quiet deployment_key=0123456789abcdef0123456789abcdef console=ttyS0'],
  ["the agent's JSON", '{"config": {"agent_token": "0123456789abcdef0123456789abcdef"}}'],
  ["the ramdisk's JSON", '{"address":"10.0.0.4","key":"0123456789abcdef0123456789abcdef"}'],
  ['a URL', 'GET /v1/commands/?wait=true&agent_token=0123456789abcdef0123456789abcdef HTTP/1.1'],
])('learns from %s', (_, text) => {
  const redaction = new Redaction();
  redaction.learn(text);
  expect(redaction.text('a token-file: 0123456789abcdef0123456789abcdef')).toBe('a token-file: ******');
});

it('does not learn the asterisks of what is masked already', () => {
  const redaction = new Redaction();
  redaction.learn('{"agent_token": "******"} agent_token=******');
  expect(redaction.text('******')).toBe('******');
});
