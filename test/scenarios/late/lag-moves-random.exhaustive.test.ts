import { vi } from 'vitest';
import { lateMoves } from './late-moves.ts';

// The lag must be set before any module reads it.
vi.hoisted(() => {
  process.env.GATES_LAG ||= 'random';
});

lateMoves('up to 30 s late');
