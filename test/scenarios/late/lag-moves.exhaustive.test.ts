import { lagInThisFile } from '../stage/lag.ts';
import { lateMoves } from './late-moves.ts';

lagInThisFile('5000');
lateMoves('5 s late');
