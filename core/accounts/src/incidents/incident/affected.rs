//! Who is in trouble, counted in people of Instagram and in tenants that have nothing to do with each other.
//!
//! One Instagram account may be connected in many tenants, and one person may have many tenants: neither makes the
//! trouble of one the trouble of all.

use std::collections::{HashMap, HashSet};
use vitrine_entity::{TenantId, UserId};

/// Accounts in trouble.
#[derive(Debug, Default)]
pub(super) struct AffectedAccounts {
    /// The accounts, by their tenants and platform ids.
    accounts: Vec<(TenantId, String)>,
    /// Each tenant, and another one that it belongs with; itself where it stands for its group.
    groups: HashMap<TenantId, TenantId>,
}

/// What a crowd is beside its largest group.
#[derive(Debug)]
pub(super) struct Rest {
    /// People of Instagram.
    pub(super) people: usize,
    /// Tenants of the largest group.
    pub(super) beside: HashSet<TenantId>,
}

impl AffectedAccounts {
    /// Of accounts by their tenants and platform ids.
    pub(super) fn of(accounts: Vec<(TenantId, String)>) -> Self {
        let groups = accounts.iter().map(|(tenant, _)| (*tenant, *tenant)).collect();
        let by_person = accounts.clone();
        let mut affected = Self { accounts, groups };
        affected.unite(by_person);
        affected
    }

    /// The same, with tenants that share a member counted as one.
    pub(super) fn with_members(mut self, members: Vec<(TenantId, UserId)>) -> Self {
        self.unite(members);
        self
    }

    /// People of Instagram, however often each is connected.
    pub(super) fn people(&self) -> usize {
        people(&self.accounts, |_| true)
    }

    /// Tenants with accounts in trouble.
    pub(super) fn tenants(&self) -> impl Iterator<Item = TenantId> {
        self.groups.keys().copied()
    }

    /// Those who share neither a person of Instagram nor a member with the largest group, also not by way of others.
    pub(super) fn beside_the_largest_group(&self) -> Rest {
        let mut sizes: HashMap<TenantId, HashSet<&str>> = HashMap::new();
        for (tenant, person) in &self.accounts {
            sizes.entry(self.group_of(*tenant)).or_default().insert(person);
        }
        let largest = sizes.into_iter().max_by_key(|(_, people)| people.len());
        let largest = largest.map(|(group, _)| group);
        let is_of_it = |tenant: TenantId| Some(self.group_of(tenant)) == largest;
        Rest {
            people: people(&self.accounts, |tenant| !is_of_it(tenant)),
            beside: self.tenants().filter(|tenant| is_of_it(*tenant)).collect(),
        }
    }

    /// Afterwards each tenant names its group itself.
    fn unite<K: Eq + std::hash::Hash>(&mut self, shared: Vec<(TenantId, K)>) {
        let mut first = HashMap::new();
        for (tenant, key) in shared {
            let first = self.shortened(*first.entry(key).or_insert(tenant));
            let other = self.shortened(tenant);
            self.groups.insert(other, first);
        }
        for tenant in self.tenants().collect::<Vec<_>>() {
            self.shortened(tenant);
        }
    }

    /// The tenant's group, with the way to it shortened for whoever asks next.
    fn shortened(&mut self, tenant: TenantId) -> TenantId {
        let group = self.group_of(tenant);
        let mut at = tenant;
        while at != group {
            at = self.groups.insert(at, group).unwrap_or(group);
        }
        group
    }

    fn group_of(&self, tenant: TenantId) -> TenantId {
        let mut at = tenant;
        while let Some(next) = self.groups.get(&at).filter(|next| **next != at) {
            at = *next;
        }
        at
    }
}

fn people(accounts: &[(TenantId, String)], counts: impl Fn(TenantId) -> bool) -> usize {
    let some = accounts.iter().filter(|(tenant, _)| counts(*tenant));
    some.map(|(_, person)| person).collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenants<const N: usize>() -> [TenantId; N] {
        std::array::from_fn(|_| TenantId::generate())
    }

    #[test]
    fn one_person_in_many_tenants_is_one_person() {
        let accounts = tenants::<9>().map(|tenant| (tenant, "1784".to_owned()));

        let affected = AffectedAccounts::of(accounts.to_vec());

        assert_eq!(
            (affected.people(), affected.beside_the_largest_group().people),
            (1, 0)
        );
    }

    #[test]
    fn tenants_of_one_owner_are_one_group() {
        let [one, two, three] = tenants();
        let affected =
            || AffectedAccounts::of(vec![(one, "1".into()), (two, "2".into()), (three, "3".into())]);
        let (ada, grace) = (UserId::generate(), UserId::generate());

        let chained = affected().with_members(vec![(one, ada), (two, ada), (two, grace), (three, grace)]);
        let apart = affected().with_members(vec![(one, ada), (two, ada), (three, grace)]);

        assert_eq!(chained.beside_the_largest_group().people, 0);
        let rest = apart.beside_the_largest_group();
        assert_eq!((rest.people, rest.beside), (1, HashSet::from([one, two])));
        assert_eq!(affected().beside_the_largest_group().people, 2);
    }
}
