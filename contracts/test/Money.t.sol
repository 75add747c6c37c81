// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {Parties} from "./support/Fixture.sol";
import {Market} from "./support/Market.sol";
import {vm} from "./support/Vm.sol";

/// @title Whatever the parties do, in whatever order: no money is made, lost or taken
/// @notice Each invariant is a run of its own, over the calls of Market (foundry.toml says how many).
contract MoneyTest is Parties {
    Market private market;
    address[2] private payers;
    address[2] private relays;

    function setUp() public {
        market = new Market();
        payers = [market.configAt(0).payer, market.configAt(1).payer];
        relays = [market.configAt(0).receiver, market.configAt(2).receiver];
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(market);
    }

    function invariant_theSumOfBalancesIsConserved() external view {
        (bytes32[] memory ids,) = market.ledger();
        uint256 inChannels = 0;
        uint256 booked = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint128 balance, uint128 total) = escrow.channels(ids[i]);
            inChannels += balance - total;
            booked += total;
        }
        uint256 owed = 0;
        uint256 outside = 0;
        for (uint256 i = 0; i < 2; ++i) {
            (uint128 total, uint128 settled) = escrow.receivers(relays[i], TOKEN);
            owed += total - settled;
            booked -= total;
            vm.assertEq(token.balanceOf(relays[i]), settled, "a relay has what was settled");
            outside += settled + token.balanceOf(payers[i]);
        }
        vm.assertEq(booked, 0, "what was claimed on channels is what relays are owed or have");
        vm.assertEq(token.balanceOf(ESCROW), inChannels + owed + market.given(), "the escrow holds what it owes");
        vm.assertEq(outside + inChannels + owed, market.minted(), "no money made or lost");
        vm.assertEq(token.balanceOf(thief), 0, "nothing for the thief");
    }

    function invariant_noMoreIsClaimedThanWasSignedOrDeposited() external view {
        (bytes32[] memory ids, Market.Books[] memory books) = market.ledger();
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint128 balance, uint128 total) = escrow.channels(ids[i]);
            vm.assertLe(total, books[i].signed, "signed");
            vm.assertLe(total, balance, "deposited");
            vm.assertEq(total, books[i].earned, "booked once each");
        }
    }

    function invariant_thePayerGetsBackWhatWasNotClaimed() external view {
        (bytes32[] memory ids, Market.Books[] memory books) = market.ledger();
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint128 balance,) = escrow.channels(ids[i]);
            vm.assertEq(balance + books[i].givenBack, books[i].deposited, "all of a deposit is accounted for");
        }
    }

    /// @dev At the end of each run the payers leave without anyone's help, and the relays settle: nobody is owed anything.
    function afterInvariant() external {
        for (uint256 i = 0; i < market.CHANNELS(); ++i) {
            IBatchSettlement.ChannelConfig memory config = market.configAt(i);
            (, uint40 pending) = escrow.pendingWithdrawals(escrow.getChannelId(config));
            if (pending != 0) leave(config);
            uint128 unclaimed = balanceOf(config) - claimedOf(config);
            if (unclaimed == 0) continue;
            vm.prank(config.payer);
            escrow.initiateWithdraw(config, unclaimed);
            leave(config);
        }
        escrow.settle(relays[0], TOKEN);
        escrow.settle(relays[1], TOKEN);
        vm.assertEq(token.balanceOf(ESCROW), market.given(), "the escrow owes nothing");
    }

    function leave(IBatchSettlement.ChannelConfig memory config) private {
        vm.warp(block.timestamp + config.withdrawDelay);
        vm.prank(config.payer);
        escrow.finalizeWithdraw(config);
    }
}
