//! The rules of Vitrine: tenants, accounts, tokens, budgets, feeds and jobs.
