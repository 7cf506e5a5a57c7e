import fc from 'fast-check';

/** The same random cases in every run, so that a failure is one of the change under test. */
fc.configureGlobal({ seed: 20261122 });
