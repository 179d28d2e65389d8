// The two drivers that people use, each with a pool and prepared statements. A query is a function of its values
// that gives the rows.
import pgDriver from 'pg';
import postgresDriver from 'postgres';

// Connections of each worker process; more were not faster on two cores.
const CONNECTIONS = 8;

export function pg(url) {
  const pool = new pgDriver.Pool({ connectionString: url, max: CONNECTIONS });
  return (name, text) => async (...values) => (await pool.query({ name, text, values })).rows;
}

export function postgres(url) {
  const sql = postgresDriver(url, { max: CONNECTIONS, onnotice: () => {} });
  return (_, text) => (...values) => sql.unsafe(text, values, { prepare: true });
}
