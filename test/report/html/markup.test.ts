import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { html, Markup } from '../../../src/report/html/markup.ts';

it('escapes what is put in, and nothing that was escaped before', () => {
  const inner = html`<b>${'<i> & "quotes"'}</b>`;
  expect(html`<p title="${`it's`}">${[inner, 3, undefined]}</p>`.text).toBe(
    '<p title="it&#39;s"><b>&lt;i&gt; &amp; &quot;quotes&quot;</b>3</p>',
  );
});

it('takes markup as it is', () => {
  expect(html`<p>${new Markup('<br/>')}</p>`.text).toBe('<p><br/></p>');
});

it('is well-formed whatever text is put in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
      expect(XMLValidator.validate(html`<p title="${a}">${b}</p>`.text)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
