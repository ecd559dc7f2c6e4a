import { spawn } from 'node:child_process';

/**
 * Kills a process group when this process ends, however it ends, so that a ring which dies leaves nothing running. Returns how
 * to take it back. Jest gives tests no event for its own end; a pipe closes in any case.
 */
export function killWithUs(group: number): () => void {
  const script = 'read -r line || kill -KILL -- "-$0"';
  const guard = spawn('sh', ['-c', script, String(group)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.stdin.on('error', () => undefined);
  return () => guard.stdin.end('\n');
}
