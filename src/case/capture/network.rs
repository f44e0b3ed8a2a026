//! How recordings reach the network, as the program knows it from its
//! surroundings and a case allows it.

use countersign_browser::network::proxy::Proxy;
use countersign_browser::network::reach::Reach;
use countersign_browser::network::wall::Judge;
use countersign_record::journal::Standing;

/// What the program knows of the network.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// The school's proxy, if the internet is reached through one.
    pub proxy: Option<Proxy>,
    /// Ports of this computer that stay refused even in a rehearsal: those at
    /// which this program itself listens.
    pub own_ports: Vec<u16>,
}

impl Network {
    /// How far a case of this standing may reach.
    pub fn reach(&self, standing: Standing) -> Reach {
        match standing {
            Standing::Case => Reach::Public,
            Standing::Rehearsal => Reach::Rehearsal { refused_ports: self.own_ports.clone() },
        }
    }

    /// Who decides, for a case of this standing, how a host is reached.
    pub fn judge(&self, standing: Standing) -> Judge {
        Judge::from(self.reach(standing)).behind(self.proxy.clone())
    }
}
