import { describe, expect, it } from 'vitest';
import type { Part } from '../../src/core/objects/part.ts';
import { type Admission, everybody, nobody, unknown } from '../../src/doors/admission/admission.ts';
import { dependOn, type Earlier, Inquiry, placesAsked } from '../../src/doors/inquiry.ts';
import { PartStore } from '../../src/doors/state/part-store.ts';
import type { View } from '../../src/doors/state/view.ts';
import { name, record, rule } from './parts.ts';

const host = 'app.example.dev';
const place = `tunnel-rule t1 ${host}`;
const stateWith = (...parts: readonly Part[]) => PartStore.of({ parts });
const services = (view: View) =>
  view
    .parts('tunnel-rule', `t1 ${host}`)
    .map(({ service }, rank) => ({ when: unknown('test', `${rank}`), item: service }));
const answers = (inquiry: Inquiry) => inquiry.items('rules', services).map(({ item }) => item);

describe('an inquiry', () => {
  it('joins equal items, with the condition of each', () => {
    const state = stateWith(rule(host, 'a'), rule(host, 'b'), rule(host, 'a'));
    const found = new Inquiry(state).items('rules', services);
    expect(found.map(({ item }) => item)).toEqual(['a', 'b']);
    expect(found[0]?.when).toEqual({ any: [unknown('test', '0'), unknown('test', '2')] });
    const two = new Inquiry(stateWith(rule(host, 'a'), rule(host, 'a'))).items('rules', services);
    expect(two.map(({ item }) => item)).toEqual(['a']);
  });

  it('asks a layer a question once', () => {
    const inquiry = new Inquiry(stateWith(rule(host, 'a')));
    let asked = 0;
    const ask = (view: View) => {
      asked += 1;
      return services(view);
    };
    expect(inquiry.items('rules', ask)).toBe(inquiry.items('rules', ask));
    expect(asked).toBe(1);
    inquiry.items('other rules', ask);
    expect(asked).toBe(2);
  });

  it.each([
    { because: 'if one of its places has changed', changed: [place, 'record x'], are: ['b'] },
    { because: 'not if none has', changed: ['record x'], are: ['a'] },
  ])('asks again what it knows from earlier $because', ({ changed, are }) => {
    const before = new Inquiry(stateWith(rule(host, 'a')));
    answers(before);
    const earlier: Earlier = { answers: before.answers, changed: new Set(changed) };
    const after = new Inquiry(stateWith(rule(host, 'b')), { earlier });
    expect(answers(after)).toEqual(are);
    expect(placesAsked(after.answers)).toEqual([place]);
  });

  it('asks what it did not know earlier', () => {
    const earlier: Earlier = { answers: new Map(), changed: new Set() };
    expect(answers(new Inquiry(stateWith(rule(host, 'b')), { earlier }))).toEqual(['b']);
  });

  it('depends on the places of its questions, and on no others', () => {
    const inquiry = new Inquiry(stateWith(name(host)));
    inquiry.items('rules', services);
    inquiry.admits('purges', (view) => (view.parts('purge', host).length > 0 ? nobody : everybody));
    expect(placesAsked(inquiry.answers)).toEqual([place, `purge ${host}`]);
    expect(dependOn(inquiry.answers, new Set([`purge ${host}`, 'x']))).toBe(true);
    expect(dependOn(inquiry.answers, new Set(['record x']))).toBe(false);
    expect(dependOn(new Map(), new Set([place]))).toBe(false);
  });

  it('is undecided if one of its questions depends on too many choices', () => {
    const choices = Array.from({ length: 7 }, (_, rank) => ({
      ...{ name: `record ${rank}`, reason: 'not applied yet' },
      values: [[], [record(host, `192.0.2.${rank}`)]],
    }));
    const inquiry = new Inquiry(PartStore.of({ parts: [rule(host, 'a')], choices }));
    expect(answers(inquiry)).toEqual(['a']);
    expect(inquiry.isUndecided).toBe(false);
    const led = (view: View): Admission => (view.parts('record', host).length > 0 ? everybody : nobody);
    expect(inquiry.admits('name', led)).toEqual(nobody);
    expect(inquiry.isUndecided).toBe(true);
  });
});
