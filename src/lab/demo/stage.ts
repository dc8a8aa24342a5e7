import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SandboxLine, startSandbox } from '../sandbox/index.ts';
import { type DaemonProcess, startDaemon } from './daemon-process.ts';
import { createDashboard, type Dashboard } from './dashboard.ts';
import { type AnswerWords, browseEdge, type EdgeReply, visitEdge } from './edge-visit.ts';
import { createRepository, type Repository } from './repository.ts';
import { type AdmittedByAccess, type DemoDoor, doors, emptyHome } from './story.ts';
import { surroundings } from './surroundings.ts';
import { notAsTold } from './told.ts';

/** Everything with which the story is played. */
export interface DemoStage {
  readonly directory: string;
  readonly line: SandboxLine;
  readonly repository: Repository;
  readonly daemon: DaemonProcess;
  readonly dashboard: Dashboard;
  /** The variables that `gates plan` and similar commands need to reach this sandbox, and the daemon's state. */
  readonly environment: Readonly<Record<string, string>>;
  readonly webhookSecret: string;
  /** The secret that signs calls of actions. */
  readonly actionsSecret: string;
  /** The file to which the secret of the token `ci` is delivered. */
  readonly delivered: string;
  readonly daemonLog: string;
  /** The headers of a visitor whom a door should admit: a session or a token. */
  credentials(door: DemoDoor, admitted: AdmittedByAccess): Promise<Readonly<Record<string, string>>>;
  visit(door: DemoDoor, headers?: Readonly<Record<string, string>>): Promise<EdgeReply>;
  /** The answer to a person who logs in at Authentik and opens the door with a browser. */
  browse(door: DemoDoor, email: string): Promise<AnswerWords>;
  /** Ends the daemon and the sandbox and removes the folder. */
  close(): Promise<void>;
}

type Step = () => Promise<void>;

/** Sets the stage in a new temporary folder. If that fails, nothing remains. */
export async function setStage(signal: AbortSignal): Promise<DemoStage> {
  const undo: Step[] = [];
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await build(undo, signal)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(undo: Step[], signal: AbortSignal): Promise<Omit<DemoStage, 'close'>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gates-demo-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const place = (name: string) => path.join(directory, name);
  const started = await startSandbox({ zones: ['example.dev'], plan: 'enterprise', lag: { revocations: 0 } });
  undo.push(() => started.close());
  const { line } = started;

  const clean = surroundings(directory);
  const repository = await createRepository(directory, clean, emptyHome);
  const webhookSecret = randomBytes(20).toString('hex');
  const actionsSecret = randomBytes(32).toString('hex');
  // Nothing lags here, so that nobody has to wait.
  const reached = { ...line.env, GATES_EDGE_LAG: '0', GATES_STATE_DIR: place('state') };
  const environment = { ...clean, ...reached };
  await mkdir(place('secrets'), { mode: 0o700 });
  const daemonLog = place('daemon.log');
  const daemon = await startDaemon({
    environment: {
      ...environment,
      GATES_REPOSITORY: repository.url,
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
      GATES_WEBHOOK_SECRET: webhookSecret,
      GATES_ACTIONS_SECRET: actionsSecret,
      GATES_LOG_FORMAT: 'pretty',
    },
    stateDir: environment.GATES_STATE_DIR,
    logFile: daemonLog,
    cwd: directory,
    signal,
  });
  undo.push(() => daemon.stop());
  await writeFile(place('env'), exportLines(reached), {
    mode: 0o600,
  });

  const dashboard = createDashboard(line.admin.url, 'somebody');
  const delivered = place('secrets/ci.env');
  return {
    ...{
      directory,
      line,
      repository,
      daemon,
      dashboard,
      environment,
      webhookSecret,
      actionsSecret,
      delivered,
      daemonLog,
    },
    visit: (door, headers) => visitEdge(line.edge.url, door, headers),
    async browse(door, email) {
      const session = await dashboard.loginAtAuthentik(email);
      return browseEdge(line.edge.url, door, { host: doors.auth.host, session });
    },
    async credentials(door, admitted) {
      if ('token' in admitted) return tokenHeaders(await readFile(delivered, 'utf8'));
      const cookie = await dashboard.login(door.host, admitted.email);
      if (cookie === undefined) throw notAsTold(`${admitted.email} cannot log in at ${door.host}`);
      return { cookie };
    },
  };
}

function exportLines(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'\n`);
  return lines.join('');
}

/** The delivered file's names in the spelling of the two headers. */
function tokenHeaders(file: string): Record<string, string> {
  const entries = file
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', value = ''] = line.split('=');
      return [name.toLowerCase().replaceAll('_', '-'), value] as const;
    });
  return Object.fromEntries(entries);
}
