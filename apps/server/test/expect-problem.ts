import { expect } from 'vitest';
import type { Call, RunningApp } from './running-app.ts';

/** Calls an app and expects a problem with this status, whole and well-formed; gives its members. */
export const problemExpecter =
  (call: RunningApp['call']) =>
  async (path: string, options: Call, status: number): Promise<Record<string, unknown>> => {
    const answer = await call(path, options);
    expect(answer.status, `${options.method ?? ''} ${path} ${answer.text}`).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, type: expect.any(String), title: expect.any(String) });
    expect(answer.body.code).toMatch(/^[a-z_]+(\.[a-z_]+)*$/);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    return answer.body;
  };
