import '@angular/compiler';
import type { PlatformRef, Type } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { ANGULAR } from './angular-version.js';

interface DynamicTesting {
  readonly BrowserDynamicTestingModule: Type<unknown>;
  platformBrowserDynamicTesting(): PlatformRef;
}

/** Once for each file of tests. */
export function startTestBed(): void {
  if (ANGULAR >= 20) {
    TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
    return;
  }
  // Compiling while the tests run was a package of its own.
  const dynamic = require('@angular/platform-browser-dynamic/testing') as DynamicTesting;
  TestBed.initTestEnvironment(dynamic.BrowserDynamicTestingModule, dynamic.platformBrowserDynamicTesting());
}
