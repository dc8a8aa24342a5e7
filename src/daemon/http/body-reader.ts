export type ReadBody = (request: Request) => Promise<Uint8Array | 'too large' | 'too much'>;

/**
 * Reads the raw bytes of a body. It stops once the body has more than `limit` bytes, or all bodies that are being read
 * have more than `all`.
 */
export function bodyReader(limit: number, all: number): ReadBody {
  let reading = 0;
  return async (request) => {
    if (request.body === null) return new Uint8Array();
    const reader = request.body.getReader();
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return Buffer.concat(chunks);
        size += value.length;
        reading += value.length;
        if (size <= limit && reading <= all) chunks.push(value);
        else {
          await reader.cancel();
          return size > limit ? 'too large' : 'too much';
        }
      }
    } finally {
      reading -= size;
    }
  };
}
