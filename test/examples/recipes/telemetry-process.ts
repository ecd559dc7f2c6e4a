/** A meter that takes its readings at once, and says when the disk has them: `telemetry-process.ts URL FOLDER COUNT`. */
import { ClassicLevel } from 'classic-level';
import { range } from 'rxjs';
import { telemetry } from '../../../examples/recipes/offline-telemetry.js';
import { recordsIn } from './records-in.js';

const [url = '', folder = '', count = ''] = process.argv.slice(2);
const database = new ClassicLevel(folder);
telemetry(url, 'meter-7', range(1, Number(count)), database);
void recordsIn(database, Number(count)).then(() => console.log('stored'));
