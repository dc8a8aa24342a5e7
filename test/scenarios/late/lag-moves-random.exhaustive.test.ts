import { lagInThisFile } from '../stage/lag.ts';
import { lateMoves } from './late-moves.ts';

lagInThisFile('random');
lateMoves('up to 30 s late');
