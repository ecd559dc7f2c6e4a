import '@angular/compiler';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

/** Once for each file of tests. */
export function startTestBed(): void {
  TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
}
