import type { RecordedReply } from '../clients/http/recording.ts';
import type { ExportedAnswer, JsonValue, SystemsExport } from './exported-answer.ts';

/** The most objects of a page, where the question does not set another number. */
const usualPage = 100;

/** The replies of both APIs that lead to these answers, page by page, for a copy of the systems. */
export function recordedReplies({ answers }: SystemsExport): readonly RecordedReply[] {
  return answers.flatMap((answer) => {
    const { content } = answer;
    return 'items' in content ? listReplies(answer, content.items) : [objectReply(answer, content.object)];
  });
}

function objectReply(answer: ExportedAnswer, object: JsonValue): RecordedReply {
  const body = answer.system === 'cloudflare' ? { success: true, result: object } : object;
  return { system: answer.system, path: pathOf(answer, {}), status: 200, body };
}

function listReplies(answer: ExportedAnswer, items: readonly JsonValue[]): readonly RecordedReply[] {
  const size = Number(answer.query?.per_page ?? usualPage);
  const pages = Math.max(1, Math.ceil(items.length / size));
  return Array.from({ length: pages }, (_, index) => {
    const page = index + 1;
    const results = items.slice(index * size, page * size);
    const isLast = page === pages;
    const { system } = answer;
    if (system === 'cloudflare') {
      const info = {
        page,
        per_page: size,
        count: results.length,
        total_count: items.length,
        total_pages: pages,
      };
      const body = { success: true, result: results, result_info: info };
      return { system, path: pathOf(answer, { page }), status: 200, body };
    }
    const pagination = {
      current: page,
      next: isLast ? 0 : page + 1,
      count: items.length,
      total_pages: pages,
    };
    const path = pathOf(answer, { page_size: size, page });
    return { system, path, status: 200, body: { pagination, results } };
  });
}

function pathOf({ system, path, query }: ExportedAnswer, page: Readonly<Record<string, number>>): string {
  const asked = Object.entries({ ...query, ...page }).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const search = new URLSearchParams(asked).toString();
  return `${system === 'authentik' ? '/api/v3' : ''}${path}${search === '' ? '' : `?${search}`}`;
}
