import type { Moment } from './moment.ts';
import type { Tone } from './tone.ts';

/** A sentence in which backticks mark what a person types or reads in a file: `gates resume`. */
export function Prose({ text }: { readonly text: string }) {
  const parts = text.split('`');
  // A backtick without a second one is text.
  if (parts.length % 2 === 0) return <>{text}</>;
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code>{part}</code> : part))}</>;
}

/** Relative words, with the instant itself for machines and for a pointer that rests on it. */
export function Time({ moment }: { readonly moment: Moment }) {
  const title = `${moment.at.slice(0, 10)} ${moment.at.slice(11, 16)} UTC`;
  return (
    <time datetime={moment.at} title={title}>
      {moment.words}
    </time>
  );
}

/** `1,001` */
export function Count({ of }: { readonly of: number }) {
  return <>{of.toLocaleString('en-US')}</>;
}

/** A state in one word. The color repeats the word, and never replaces it. */
export function Badge({ word, tone }: { readonly word: string; readonly tone: Tone }) {
  return <span class={`badge ${tone}`}>{word}</span>;
}
