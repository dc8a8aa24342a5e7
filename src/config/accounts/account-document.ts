import type { YamlDocument } from '../yaml/yaml-values.ts';
import type { AccountPart } from './account-part.ts';

/** The part of one account as a document of its own, whose places are those in the complete file. */
export function accountDocument(document: YamlDocument, { value, whole, within }: AccountPart): YamlDocument {
  return {
    value,
    mistakes: document.mistakes,
    unread: document.unread.flatMap((path) => {
      const found = within(path);
      return found === undefined ? [] : [found];
    }),
    place: (path, part) => document.place(whole(path), part),
    written: (path) => document.written(whole(path)),
  };
}
